/** The video frame on the stage: a picture is shown once it is there, and only while it is still the one wanted. */

export class FrameView {
  /** @param {HTMLElement} root has the picture, the empty note and `data-frame-url` */
  constructor(root) {
    this.url = root.dataset["frameUrl"] ?? "";
    this.shot = /** @type {HTMLElement} */ (root.querySelector(".shot.video"));
    this.image = /** @type {HTMLImageElement} */ (root.querySelector(".shot.video img"));
    this.note = /** @type {HTMLElement} */ (root.querySelector(".shot.video .empty"));
    /** @type {number | null} */
    this.wanted = Number(this.image.dataset["seqShown"] ?? "") || null;
  }

  /** @param {number | null} seq @param {number | null} next fetched ahead, for playing */
  show(seq, next) {
    if (next !== null) new Image().src = this.urlOf(next);
    if (seq === this.wanted && this.image.hidden === (seq === null)) return;
    this.wanted = seq;
    this.note.hidden = seq !== null;
    this.image.hidden = seq === null;
    if (seq === null) {
      this.shot.removeAttribute("aria-busy");
      return;
    }
    this.shot.setAttribute("aria-busy", "true");
    void this.load(seq);
  }

  /** @param {number} seq */
  async load(seq) {
    const fresh = new Image();
    fresh.src = this.urlOf(seq);
    const came = await fresh.decode().then(() => true, () => false);
    if (this.wanted !== seq) return;
    this.shot.removeAttribute("aria-busy");
    this.note.hidden = came;
    this.image.hidden = !came;
    if (came) {
      this.image.src = fresh.src;
      this.image.dataset["seqShown"] = String(seq);
    }
  }

  /** @param {number} seq */
  urlOf(seq) {
    return this.url.replace(/0$/, String(seq));
  }
}
