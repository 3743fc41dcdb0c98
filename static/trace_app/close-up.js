/**
 * Single events of a very long run, whose index lists only what stands out: fetched for the stretch in view once it is
 * short enough. Also tells the hover card what happened in an event.
 */

import { EventWindows } from "./event-windows.js";

/** @import { Ribbons } from "./ribbons.js" */
/** @import { Mark } from "./trace-index.js" */

const SETTLE_MS = 120;
const HOVER_MS = 90;
/** More than this are drawn from the bins. */
const MOST = 3_000;

export class CloseUp {
  /**
   * @param {Ribbons} ribbons
   * @param {string} marksUrl
   * @param {string} rowsUrl
   */
  constructor(ribbons, marksUrl, rowsUrl) {
    this.ribbons = ribbons;
    this.marksUrl = marksUrl;
    this.windows = new EventWindows(rowsUrl, {});
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {number | undefined} */
    this.hoverTimer = undefined;
    ribbons.drawn.add(() => this.look());
    ribbons.hovered = (seq) => this.hover(seq);
  }

  look() {
    const { playhead: { index }, scale } = this.ribbons;
    window.clearTimeout(this.timer);
    if (!index || index.covers(scale.from, scale.to) || this.expected() > MOST) return;
    this.timer = window.setTimeout(() => void this.fetch(), SETTLE_MS);
  }

  /** About how many events are in view, by the bins. */
  expected() {
    const { runs, scale, density } = this.ribbons;
    const width = density.span_ms / density.bins;
    let total = 0;
    for (const lane of Object.values(runs)) {
      for (const run of lane) {
        const shared = Math.min(run.to, scale.to) - Math.max(run.from, scale.from);
        if (shared > 0) total += (shared / width) * 2 ** (run.count - 0.5);
      }
    }
    return total;
  }

  async fetch() {
    const { playhead, scale } = this.ribbons;
    const { index } = playhead;
    const [from, to] = [scale.from, scale.to];
    const answer = await fetch(`${this.marksUrl}?from=${from}&to=${to}`).catch(() => null);
    if (!answer?.ok || !index || playhead.index !== index) return;
    const found = /** @type {{more: boolean, rows: Mark[]}} */ (await answer.json());
    index.add(found.rows);
    if (!found.more) index.whole.push([from, to]);
    this.ribbons.schedule();
  }

  /** @param {number} seq */
  hover(seq) {
    window.clearTimeout(this.hoverTimer);
    this.hoverTimer = window.setTimeout(() => void this.tell(seq), this.windows.known.has(seq) ? 0 : HOVER_MS);
  }

  /** @param {number} seq */
  async tell(seq) {
    const text = await this.windows.text(seq);
    const { card, playhead: { index } } = this.ribbons;
    if (text) card.tell(seq, text, index?.level[index.rowOf(seq)] === 2);
  }
}
