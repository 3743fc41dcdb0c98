/**
 * DOM snapshots in sandboxed frames without script. Two frames take turns, so that nothing flashes; while the one
 * wanted is on its way the old one is veiled, so that it is never taken for the playhead's moment.
 */

/** @import { Snapshot } from "./trace-index.js" */

export class SnapshotView {
  /** @param {HTMLElement} root has the two frames, the empty note, `data-snapshot-url` and the viewport's size */
  constructor(root) {
    this.root = root;
    this.shot = /** @type {HTMLElement} */ (root.querySelector(".shot.dom"));
    this.note = /** @type {HTMLElement} */ (root.querySelector(".shot.dom .empty"));
    this.frames = /** @type {HTMLIFrameElement[]} */ ([...root.querySelectorAll("iframe.snapshot")]);
    this.stage = /** @type {HTMLElement} */ (root.querySelector(".stage"));
    /** @type {number | null} */
    this.wanted = Number(this.frames[0]?.dataset["seqShown"] ?? "") || null;
    this.shown = this.wanted;
    /** @type {number | null} */
    this.loading = null;
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
    this.veil();
    if (this.wanted !== null && this.wanted !== this.shown && this.loading === null) this.load(this.wanted);
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
    this.back.src = (this.root.dataset["snapshotUrl"] ?? "").replace(/0$/, String(seq));
  }

  /** @param {HTMLIFrameElement} frame */
  loaded(frame) {
    this.fit();
    if (this.loading === null || frame !== this.back) return;
    const seq = this.loading;
    this.loading = null;
    if (this.wanted === seq) {
      for (const other of this.frames) other.toggleAttribute("data-back", other !== frame);
      frame.dataset["seqShown"] = String(seq);
      frame.title = "DOM snapshot at the playhead";
      this.back.title = "The next DOM snapshot";
      this.shown = seq;
    } else if (this.wanted !== null && this.wanted !== this.shown) {
      this.load(this.wanted);
    }
    this.veil();
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
