/**
 * The columnar index of one trace's events: what lets the page move from event to event without loading them.
 * Rows are in display order (time, then seq). Not the events themselves: those come in windows from the server.
 */

import { lastAtMost, ribbonOf } from "./lanes.js";

/** @import { Ribbon } from "./lanes.js" */

/**
 * What `index.json` holds. `seq` and `ts` are differences to the row before; `ts` counts tenths of a millisecond.
 * @typedef {object} IndexJson
 * @property {string[]} kinds names that `kind` points into
 * @property {number[]} seq
 * @property {number[]} ts
 * @property {number[]} kind
 * @property {number[]} step 0 where the event belongs to no step
 * @property {string} level one digit per row: 0 none, 1 warning, 2 error
 * @property {[number, number][]} dur [row, milliseconds] of the events that lasted; negative where the event is the end
 * @property {Record<string, string>} titles sentence of the notable events, by seq
 * @property {[number, string, string, number][]} snapshots [seq, phase, label, call] of the main frame's DOM snapshots;
 *   the ones of a call share its number
 * @property {import("./playhead.js").StepRow[]} [steps] all of them
 * @property {boolean} partial only steps, pictures and errors are listed, because the trace is very long
 */

/** [seq, milliseconds, kind, step, level] of one event. @typedef {[number, number, number, number, number]} Mark */
/** @typedef {{seq: number, phase: string, label: string, call: number, ts: number, source?: unknown}} Snapshot */

/** @param {number[]} differences @param {number} scale */
function summed(differences, scale) {
  const out = new Float64Array(differences.length);
  let total = 0;
  differences.forEach((difference, i) => {
    total += difference;
    out[i] = total / scale;
  });
  return out;
}

export class TraceIndex {
  /** @param {IndexJson} json */
  constructor(json) {
    this.kinds = json.kinds;
    this.ribbons = json.kinds.map(ribbonOf);
    this.partial = json.partial;
    this.steps = json.steps ?? [];
    this.titles = json.titles;
    /** Stretches of a partial index that list every event. @type {[number, number][]} */
    this.whole = [];
    this.seq = new Float64Array();
    this.ts = new Float64Array();
    this.kind = new Uint8Array();
    this.step = new Uint32Array();
    this.level = new Uint8Array();
    /** @type {Map<number, number>} */
    this.rowOfSeq = new Map();
    /** Rows in order. @type {number[]} */
    this.frames = [];
    /** @type {number[]} */
    this.frameTimes = [];
    /** @type {number[]} */
    this.errors = [];
    /** @type {Record<Ribbon, number[]>} */
    this.rowsOfRibbon = { video: [], dom: [], network: [], console: [], agent: [] };
    const seq = summed(json.seq, 1);
    /** How long an event lasted, by seq. @type {Map<number, number>} */
    this.durations = new Map(json.dur.map(([row, ms]) => [seq[row] ?? 0, ms]));
    this.fill(seq, summed(json.ts, 10), json.kind, json.step, [...json.level].map(Number));
    /** @type {Snapshot[]} */
    this.snapshots = json.snapshots
      .map(([seq, phase, label, call]) => ({ seq, phase, label, call, ts: this.timeOf(seq) ?? 0 }))
      .sort((a, b) => a.ts - b.ts || a.seq - b.seq);
    this.snapshotTimes = this.snapshots.map((snapshot) => snapshot.ts);
  }

  /**
   * @param {ArrayLike<number>} seq
   * @param {ArrayLike<number>} ts
   * @param {ArrayLike<number>} kind
   * @param {ArrayLike<number>} step
   * @param {ArrayLike<number>} level
   */
  fill(seq, ts, kind, step, level) {
    this.seq = Float64Array.from(seq);
    this.ts = Float64Array.from(ts);
    this.kind = Uint8Array.from(kind);
    this.step = Uint32Array.from(step);
    this.level = Uint8Array.from(level);
    this.rowOfSeq = new Map();
    this.seq.forEach((one, row) => this.rowOfSeq.set(one, row));
    this.frames = this.rowsOfKind("video.frame");
    this.frameTimes = this.frames.map((row) => this.ts[row] ?? 0);
    this.rowsOfRibbon = { video: [], dom: [], network: [], console: [], agent: [] };
    this.kind.forEach((_kind, row) => this.rowsOfRibbon[this.ribbonAt(row)].push(row));
    this.errors = [...this.level.keys()].filter((row) => this.level[row] === 2);
  }

  /**
   * Takes in events that were not listed. Every row's position may change.
   * @param {Mark[]} marks
   */
  add(marks) {
    const fresh = marks.filter(([seq]) => this.rowOf(seq) < 0);
    if (fresh.length === 0) return;
    /** @type {Mark[]} */
    const rows = [...this.seq].map((seq, row) => [
      seq, this.ts[row] ?? 0, this.kind[row] ?? 0, this.step[row] ?? 0, this.level[row] ?? 0,
    ]);
    rows.push(...fresh);
    rows.sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    const column = (/** @type {0 | 1 | 2 | 3 | 4} */ at) => rows.map((row) => row[at]);
    this.fill(column(0), column(1), column(2), column(3), column(4));
  }

  /** Snapshots of a run that goes on. @param {{seq: number, ts: number, data: Record<string, any>}[]} events */
  addSnapshots(events) {
    for (const { seq, ts, data } of events) {
      const last = this.snapshots.at(-1);
      // A call's snapshots come one after the other.
      const call = last && last.source === data["call_id"] ? last.call : (last?.call ?? -1) + 1;
      this.snapshots.push({ seq, ts, phase: String(data["phase"] ?? "at"), label: "", call, source: data["call_id"] });
    }
    this.snapshotTimes = this.snapshots.map((snapshot) => snapshot.ts);
  }

  /** Whether every event of a stretch is listed. @param {number} from @param {number} to */
  covers(from, to) {
    return !this.partial || this.whole.some(([start, end]) => start <= from && end >= to);
  }

  get length() {
    return this.seq.length;
  }

  /** @param {string} kind @returns {number[]} rows */
  rowsOfKind(kind) {
    const wanted = this.kinds.indexOf(kind);
    return [...this.kind.keys()].filter((row) => this.kind[row] === wanted);
  }

  /** @param {number} row @returns {string} */
  kindOf(row) {
    return this.kinds[this.kind[row] ?? 0] ?? "";
  }

  /** @param {number} row @returns {Ribbon} */
  ribbonAt(row) {
    return this.ribbons[this.kind[row] ?? 0] ?? "agent";
  }

  /** The row of a seq, −1 when the index does not list it. @param {number} seq */
  rowOf(seq) {
    return this.rowOfSeq.get(seq) ?? -1;
  }

  /** @param {number} seq @returns {number | null} */
  timeOf(seq) {
    const row = this.rowOf(seq);
    return row < 0 ? null : /** @type {number} */ (this.ts[row]);
  }

  /** When a row's event began and ended. @param {number} row @returns {[number, number]} milliseconds */
  span(row) {
    const ts = this.ts[row] ?? 0;
    const lasted = this.durations.get(this.seq[row] ?? 0) ?? 0;
    return lasted < 0 ? [ts + lasted, ts] : [ts, ts + lasted];
  }

  /** The last row at or before a time, −1 when there is none. @param {number} ts */
  rowAt(ts) {
    return lastAtMost(this.ts, ts);
  }

  /**
   * The next error in a direction from a row; null at the end of the trace.
   * @param {number} row
   * @param {1 | -1} direction
   */
  errorFrom(row, direction) {
    const found = direction > 0
      ? this.errors.find((candidate) => candidate > row)
      : this.errors.findLast((candidate) => candidate < row);
    return found ?? null;
  }

  /**
   * The row of a ribbon nearest to a time within a tolerance; errors win over their neighbours.
   * @param {Ribbon} ribbon
   * @param {number} ts
   * @param {number} tolerance milliseconds
   * @returns {number | null}
   */
  nearest(ribbon, ts, tolerance) {
    let best = null;
    let bestCost = Infinity;
    for (let row = this.rowAt(ts - tolerance) + 1; row < this.length; row += 1) {
      const distance = Math.abs(/** @type {number} */ (this.ts[row]) - ts);
      if (/** @type {number} */ (this.ts[row]) > ts + tolerance) break;
      if (this.ribbonAt(row) !== ribbon) continue;
      const cost = this.level[row] === 2 ? distance / 4 : distance;
      if (cost < bestCost) [best, bestCost] = [row, cost];
    }
    return best;
  }

  /** The video frame shown at a time: its seq, or null before the first one. @param {number} ts */
  frameAt(ts) {
    return this.frameSeq(lastAtMost(this.frameTimes, ts));
  }

  /** The frame before or after the one shown at a time; null at the end. @param {number} ts @param {1 | -1} direction */
  frameFrom(ts, direction) {
    const position = lastAtMost(this.frameTimes, ts);
    let next = position + direction;
    // Frames of one moment are one picture to the eye: the step has to show something.
    while (this.frameTimes[next] !== undefined && this.frameTimes[next] === this.frameTimes[position]) next += direction;
    return this.frameSeq(next);
  }

  /** @param {number} position @returns {number | null} */
  frameSeq(position) {
    const row = this.frames[position];
    return row === undefined ? null : /** @type {number} */ (this.seq[row]);
  }

  /**
   * The DOM snapshot shown at a moment: the one cited, else the last one at or before it; null before the first. Where
   * the moment ends its step, by failing or as its last event, the step's closing snapshot is the one: it is always
   * taken a little later.
   * @param {{ts: number, seq: number | null, step: number | null}} moment
   * @param {boolean} ends
   * @returns {Snapshot | null}
   */
  snapshotAt({ ts, seq, step }, ends) {
    const cited = this.snapshots.find((snapshot) => snapshot.seq === seq);
    if (cited) return cited;
    const ofStep = (/** @type {{seq: number}} */ snapshot) => this.step[this.rowOf(snapshot.seq)] === step;
    const closing = ends ? this.snapshots.findLast((snapshot) => snapshot.ts >= ts && ofStep(snapshot)) : undefined;
    return closing ?? this.snapshots[lastAtMost(this.snapshotTimes, ts)] ?? null;
  }

  /** The snapshots of one call by phase: before, action, after. @param {number} call */
  phasesOf(call) {
    return new Map(this.snapshots.filter((one) => one.call === call).map((one) => [one.phase, one]));
  }
}
