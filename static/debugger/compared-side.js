/** One run of a comparison: its event index, and the page or the video frame it showed at the playhead. */

import { clock } from "../trace_app/density.js";
import { FrameView } from "../trace_app/frame-view.js";
import { SnapshotView } from "../trace_app/snapshot-view.js";
import { TraceIndex } from "../trace_app/trace-index.js";

export class ComparedSide {
  /** @param {HTMLElement} root the figure */
  constructor(root) {
    this.root = root;
    this.caption = /** @type {HTMLElement} */ (root.querySelector("[data-caption]"));
    this.link = /** @type {HTMLAnchorElement} */ (root.querySelector("a[data-open]"));
    this.rowsUrl = root.dataset["rowsUrl"] ?? "";
    this.page = root.querySelector(".shot.dom") ? new SnapshotView(root) : null;
    this.video = root.querySelector(".shot.video") ? new FrameView(root) : null;
    /** @type {TraceIndex | null} */
    this.index = null;
  }

  async load() {
    const answer = await fetch(this.root.dataset["indexUrl"] ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    this.index = new TraceIndex(await answer.json());
    return this.index;
  }

  /** @param {number} seq */
  timeOf(seq) {
    return this.index?.timeOf(seq) ?? null;
  }

  /** The last event at or before a time. @param {number} ts @returns {number | null} */
  seqAt(ts) {
    const row = this.index?.rowAt(ts) ?? -1;
    return row < 0 ? null : (this.index?.seq[row] ?? null);
  }

  /** @param {number} ts @param {number | null} step @param {boolean} has whether this run has the step at all */
  show(ts, step, has) {
    const seq = this.seqAt(ts);
    this.caption.textContent = has ? `${step === null ? "" : `step ${step} · `}${clock(ts)}` : `stands still at ${clock(ts)}`;
    this.root.classList.toggle("absent", !has);
    const query = step === null ? "" : `?step=${step}`;
    this.link.href = `${this.root.dataset["traceUrl"]}${query}${seq === null ? "" : `#seq=${seq}`}`;
    if (!this.index) return;
    this.page?.show(this.index.snapshotAt({ ts, seq: null, step }, false));
    this.video?.show(this.index.frameAt(ts), null);
  }
}
