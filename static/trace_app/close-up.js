/**
 * Single events of a very long run, whose index lists only what stands out: fetched for the stretch in view once it is
 * short enough, and where the playhead goes from event to event. Also tells the hover card what happened in an event.
 */

import { EventWindows, ROUNDING_MS, neighbour } from "./event-windows.js";
import { announce } from "./page.js";

/** @import { EventRow } from "./event-windows.js" */
/** @import { Ribbon } from "./lanes.js" */
/** @import { Moment } from "./playhead.js" */
/** @import { Ribbons } from "./ribbons.js" */
/** @import { Mark } from "./trace-index.js" */

const SETTLE_MS = 120;
const HOVER_MS = 90;
/** More than this are drawn from the bins. */
const MOST = 3_000;
const LEVELS = /** @type {Record<string, number>} */ ({ warning: 1, error: 2 });

export class CloseUp {
  /**
   * @param {Ribbons} ribbons
   * @param {string} marksUrl
   * @param {string} rowsUrl
   */
  constructor(ribbons, marksUrl, rowsUrl) {
    this.ribbons = ribbons;
    this.marksUrl = marksUrl;
    this.rowsUrl = rowsUrl;
    this.windows = new EventWindows(rowsUrl, {});
    /** Moves in the order of the keys. */
    this.moved = Promise.resolve();
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {number | undefined} */
    this.hoverTimer = undefined;
    /** @type {number | undefined} */
    this.restTimer = undefined;
    ribbons.drawn.add(() => this.look());
    ribbons.playhead.subscribe((moment) => this.rest(moment));
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
    if (text) card?.tell(seq, text, index?.level[index.rowOf(seq)] === 2);
  }

  /** Goes to an event, listed or not. @param {number} seq */
  async seek(seq) {
    await this.list(seq);
    const { playhead } = this.ribbons;
    if ((playhead.index?.rowOf(seq) ?? -1) >= 0) playhead.seekSeq(seq);
    else announce(`The run has no event ${seq}.`);
  }

  /** Lists an event, if the run has it. @param {number} seq */
  async list(seq) {
    const { playhead: { index } } = this.ribbons;
    if (!index || index.rowOf(seq) >= 0) return;
    const found = await this.windows.ask({ at: String(seq) });
    this.add((found?.rows ?? []).filter((row) => row[0] === seq));
  }

  /** A moment between listed events: once the hand rests, its evidence is the last event by then. @param {Moment} moment */
  rest(moment) {
    const { playhead } = this.ribbons;
    window.clearTimeout(this.restTimer);
    const listed = moment.seq === null ? 0 : (playhead.timeOf(moment.seq) ?? moment.ts);
    if (!playhead.index?.partial || moment.ts - listed < ROUNDING_MS || playhead.index.covers(listed, moment.ts)) return;
    this.restTimer = window.setTimeout(() => void this.name(moment), SETTLE_MS);
  }

  /** @param {Moment} moment */
  async name(moment) {
    const { playhead } = this.ribbons;
    const found = await this.windows.ask({ near: moment.ts.toFixed(3) });
    const last = found?.rows.findLast((row) => row[1] <= moment.ts + ROUNDING_MS);
    if (!last || playhead.moment !== moment || last[0] === moment.seq) return;
    this.add(found?.rows ?? []);
    playhead.move({ ...moment, seq: last[0] });
  }

  /** Event by event, in one lane or in all. @param {1 | -1} direction @param {Ribbon | null} lane */
  move(direction, lane) {
    this.moved = this.moved.then(() => this.go(direction, lane));
  }

  /** @param {1 | -1} direction @param {Ribbon | null} lane */
  async go(direction, lane) {
    const { playhead } = this.ribbons;
    const { index, moment } = playhead;
    const listed = index?.ts[playhead.rowFrom(direction, lane)] ?? moment.ts;
    if (!index || (listed !== moment.ts && index.covers(Math.min(moment.ts, listed), Math.max(moment.ts, listed)))) {
      playhead.moveEvent(direction, lane);
      return;
    }
    const known = moment.seq === null ? null : index.timeOf(moment.seq);
    const isEvent = known !== null && Math.abs(known - moment.ts) < ROUNDING_MS;
    const windows = new EventWindows(this.rowsUrl, { ribbon: lane ?? "" });
    const found = await windows.ask(isEvent ? { at: String(moment.seq) } : { near: moment.ts.toFixed(3) });
    if (!found || playhead.moment !== moment) return;
    const next = neighbour(found.rows, isEvent ? moment.seq : null, moment.ts, direction);
    if (!next) return;
    this.add(found.rows);
    const [first, last] = [found.rows[0], found.rows.at(-1)];
    if (lane === null && first && last) index.whole.push([first[1] + 2 * ROUNDING_MS, last[1] - 2 * ROUNDING_MS]);
    playhead.seekSeq(next[0]);
  }

  /** @param {EventRow[]} rows */
  add(rows) {
    const { playhead: { index } } = this.ribbons;
    index?.add(rows.map(([seq, ts, kind, step, level]) => [seq, ts, index.kinds.indexOf(kind), step, LEVELS[level] ?? 0]));
    this.ribbons.schedule();
  }
}
