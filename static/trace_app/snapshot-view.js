/**
 * DOM snapshots in sandboxed frames without script. Two frames take turns, so that nothing flashes; while the one
 * wanted is on its way the old one is veiled, so that it is never taken for the playhead's moment. The frame at the back
 * may hold the snapshot that is likely to be wanted next.
 */

/** @import { Snapshot } from "./trace-index.js" */

/**
 * The frame at the back. It comes with script: in the page it would hold up the first drawing.
 * @param {HTMLIFrameElement} front
 */
function secondFrame(front) {
  const back = /** @type {HTMLIFrameElement} */ (front.cloneNode());
  back.removeAttribute("src");
  delete back.dataset["seqShown"];
  back.toggleAttribute("data-back", true);
  back.title = "The next DOM snapshot";
  back.tabIndex = -1;
  front.after(back);
  return back;
}

export class SnapshotView {
  /** @param {HTMLElement} root has a frame, the empty note, `data-snapshot-url` and the viewport's size */
  constructor(root) {
    this.root = root;
    this.shot = /** @type {HTMLElement} */ (root.querySelector(".shot.dom"));
    this.note = /** @type {HTMLElement} */ (root.querySelector(".shot.dom .empty"));
    const front = /** @type {HTMLIFrameElement} */ (root.querySelector("iframe.snapshot"));
    this.frames = [front, secondFrame(front)];
    this.stage = /** @type {HTMLElement} */ (root.querySelector(".stage"));
    /** @type {number | null} */
    this.wanted = Number(this.frames[0]?.dataset["seqShown"] ?? "") || null;
    this.shown = this.wanted;
    /** @type {number | null} */
    this.loading = null;
    /** What the frame at the back holds, loaded. @type {number | null} */
    this.ready = null;
    /** What to load once the frame at the back is free. @type {number | null} */
    this.expected = null;
    /** The key of the element that is marked in every snapshot. */
    this.picked = "";
    /** Whether the frame in front was loaded before the present pick. */
    this.unpicked = false;
    /** Who draws over the snapshot. @type {Set<() => void>} */
    this.changed = new Set();
    for (const frame of this.frames) frame.addEventListener("load", () => this.loaded(frame));
    new ResizeObserver(() => this.fit()).observe(this.stage);
  }

  get front() {
    return /** @type {HTMLIFrameElement} */ (this.frames.find((frame) => !frame.hasAttribute("data-back")));
  }

  get back() {
    return /** @type {HTMLIFrameElement} */ (this.frames.find((frame) => frame.hasAttribute("data-back")));
  }

  /** @param {Snapshot | null} snapshot null where none had been taken yet */
  show(snapshot) {
    this.wanted = snapshot?.seq ?? null;
    this.note.hidden = snapshot !== null;
    this.shot.classList.toggle("none", snapshot === null);
    if (this.wanted === null || this.wanted === this.shown) this.expected = null;
    else if (this.wanted === this.ready) this.swap(this.wanted);
    else if (this.loading === null) this.load(this.wanted);
    this.veil();
  }

  /** Loads a snapshot that is likely to be wanted next. @param {number} seq */
  expect(seq) {
    if (seq === this.shown || seq === this.ready || seq === this.loading) return;
    if (this.loading !== null || this.wanted !== this.shown) this.expected = seq;
    else this.load(seq);
  }

  veil() {
    const behind = this.wanted !== null && this.wanted !== this.shown;
    if (behind) this.shot.setAttribute("aria-busy", "true");
    else this.shot.removeAttribute("aria-busy");
    for (const tell of this.changed) tell();
  }

  /** Loads a snapshot into the frame at the back. @param {number} seq */
  load(seq) {
    this.loading = seq;
    this.ready = null;
    const query = this.picked ? `?${new URLSearchParams({ pick: this.picked })}` : "";
    this.back.src = this.urlOf(seq) + query;
  }

  /** @param {number} seq */
  urlOf(seq) {
    return (this.root.dataset["snapshotUrl"] ?? "").replace(/0$/, String(seq));
  }

  /** Marks the element of this key, here and in what is shown next. @param {string} key */
  pick(key) {
    if (key === this.picked) return;
    this.picked = key;
    this.unpicked = true;
    this.ready = null;
    this.expected = null;
    if (this.shown !== null && this.shown === this.wanted) this.load(this.shown);
  }

  /** @param {HTMLIFrameElement} frame */
  loaded(frame) {
    this.fit();
    if (this.loading === null || frame !== this.back) return;
    const seq = this.loading;
    this.loading = null;
    const expected = this.expected;
    this.expected = null;
    this.ready = seq;
    if (this.wanted === seq) this.swap(seq);
    else if (this.wanted !== null && this.wanted !== this.shown) this.load(this.wanted);
    else if (expected !== null && expected !== seq && expected !== this.shown) this.load(expected);
    this.veil();
  }

  /** Brings the frame at the back to the front; the one that was there keeps its snapshot. @param {number} seq */
  swap(seq) {
    const { front, back } = this;
    front.toggleAttribute("data-back", true);
    front.title = "The next DOM snapshot";
    front.tabIndex = -1;
    back.removeAttribute("tabindex");
    back.toggleAttribute("data-back", false);
    back.title = "DOM snapshot at the playhead";
    back.dataset["seqShown"] = String(seq);
    [this.ready, this.shown] = [this.unpicked ? null : this.shown, seq];
    this.unpicked = false;
  }

  /** Scales the snapshot so that the recorded viewport fits the stage; returns by how much. */
  fit() {
    const { width, height } = this.size();
    const scale = Math.min((this.stage.clientWidth - 24) / width, (this.stage.clientHeight - 24) / height, 1);
    for (const frame of this.frames) {
      frame.style.width = `${width}px`;
      frame.style.height = `${height}px`;
      frame.style.transform = `translate(-50%, -50%) scale(${Math.max(scale, 0.05)})`;
    }
    for (const tell of this.changed) tell();
  }

  /** The recorded viewport, in CSS pixels. */
  size() {
    return {
      width: Number(this.root.dataset["viewportWidth"] ?? 1280),
      height: Number(this.root.dataset["viewportHeight"] ?? 720),
    };
  }
}
