/**
 * The middle of the trace page: the video frame, the DOM snapshot or the source at the playhead's moment.
 * Snapshots are shown in sandboxed frames without script; two of them take turns, so that nothing flashes.
 */

import { clock } from "./density.js";

/** @import { Playhead, Moment } from "./playhead.js" */
/** @typedef {"video" | "dom" | "source"} Mode */

export class Stage {
  /**
   * @param {HTMLElement} root the `.view` section
   * @param {Playhead} playhead
   */
  constructor(root, playhead) {
    this.root = root;
    this.playhead = playhead;
    this.caption = /** @type {HTMLElement} */ (root.querySelector("#stage-caption"));
    this.image = /** @type {HTMLImageElement | null} */ (root.querySelector("#frame"));
    this.frames = /** @type {HTMLIFrameElement[]} */ ([...root.querySelectorAll("iframe.snapshot")]);
    this.stage = /** @type {HTMLElement} */ (root.querySelector("#stage"));
    this.mode = /** @type {Mode} */ (root.dataset["mode"] ?? "dom");
    this.shown = { snapshot: Number(this.frames[0]?.dataset["seqShown"] ?? -1), frame: -1, source: -1 };
    /** @type {number | null} */
    this.loading = null;
    this.prepare();
  }

  prepare() {
    for (const link of this.root.querySelectorAll("a[data-mode]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.choose(/** @type {Mode} */ (/** @type {HTMLElement} */ (link).dataset["mode"]));
      });
    }
    for (const frame of this.frames) frame.addEventListener("load", () => this.loaded(frame));
    new ResizeObserver(() => this.fit()).observe(this.stage);
    this.playhead.subscribe((moment) => this.show(moment));
  }

  /** @param {Mode} mode */
  choose(mode) {
    this.mode = mode;
    this.root.dataset["mode"] = mode;
    for (const link of this.root.querySelectorAll("a[data-mode]")) {
      if (/** @type {HTMLElement} */ (link).dataset["mode"] === mode) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const address = new URL(window.location.href);
    address.searchParams.set("mode", mode);
    window.history.replaceState(null, "", address);
    this.show(this.playhead.moment);
    this.fit();
  }

  /** @param {Moment} moment */
  show(moment) {
    if (this.mode === "video") this.showFrame(moment);
    else if (this.mode === "dom") this.showSnapshot(moment);
    else this.showSource(moment);
  }

  /** @param {Moment} moment */
  showFrame(moment) {
    const seq = this.playhead.index?.frameAt(moment.ts) ?? null;
    if (seq === null || !this.image) return;
    const ts = this.playhead.timeOf(seq) ?? 0;
    this.caption.textContent = `frame ${clock(ts)}`;
    if (seq === this.shown.frame) return;
    this.shown.frame = seq;
    this.image.src = this.urlOf("frameUrl", seq);
  }

  /** @param {Moment} moment */
  showSnapshot(moment) {
    const snapshot = this.playhead.index?.snapshotAt(moment, this.playhead.endsStep(moment)) ?? null;
    if (!snapshot) return;
    const label = snapshot.label ? `: ${snapshot.label}` : "";
    this.caption.textContent = `snapshot ${clock(snapshot.ts)}, ${snapshot.phase}${label}`;
    this.caption.title = this.caption.textContent;
    if (snapshot.seq === this.shown.snapshot) return;
    this.shown.snapshot = snapshot.seq;
    if (this.loading === null) this.load(snapshot.seq);
  }

  /** Loads a snapshot into the frame at the back. @param {number} seq */
  load(seq) {
    const back = this.frames.find((frame) => frame.hasAttribute("data-back")) ?? this.frames[1];
    if (!back) return;
    this.loading = seq;
    back.src = this.urlOf("snapshotUrl", seq);
  }

  /** @param {HTMLIFrameElement} frame */
  loaded(frame) {
    this.fit();
    if (this.loading === null || !frame.hasAttribute("data-back")) return;
    const seq = this.loading;
    this.loading = null;
    for (const other of this.frames) other.toggleAttribute("data-back", other !== frame);
    if (this.shown.snapshot !== seq) this.load(this.shown.snapshot);
  }

  /** @param {Moment} moment */
  showSource(moment) {
    this.caption.textContent = moment.step === null ? "" : `step ${moment.step}`;
    const step = moment.step ?? 0;
    if (step === this.shown.source) return;
    this.shown.source = step;
    const htmx = /** @type {any} */ (window).htmx;
    const url = `${this.root.dataset["sourceUrl"]}?step=${step}`;
    htmx?.ajax("GET", url, { source: "#source", target: "#source", swap: "innerHTML" });
  }

  /** Scales the snapshot so that the recorded viewport fits the stage. */
  fit() {
    const width = Number(this.root.dataset["viewportWidth"] ?? 1280);
    const height = Number(this.root.dataset["viewportHeight"] ?? 720);
    const scale = Math.min((this.stage.clientWidth - 24) / width, (this.stage.clientHeight - 24) / height, 1);
    for (const frame of this.frames) {
      frame.style.width = `${width}px`;
      frame.style.height = `${height}px`;
      frame.style.transform = `translate(-50%, -50%) scale(${Math.max(scale, 0.05)})`;
    }
  }

  /** @param {"frameUrl" | "snapshotUrl"} name @param {number} seq */
  urlOf(name, seq) {
    return (this.root.dataset[name] ?? "").replace(/0$/, String(seq));
  }
}
