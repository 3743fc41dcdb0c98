/**
 * The playhead: the one moment every panel of the trace page shows, and the keys and address that move it.
 * Pure of the document, so that Node can test it; who shows the moment subscribes.
 */

/** @import { TraceIndex } from "./trace-index.js" */

/**
 * @typedef {object} Step
 * @property {number} number
 * @property {string} status
 * @property {number | null} start milliseconds
 * @property {number | null} end
 * @property {number | null} seqFirst
 * @property {number | null} seqLast
 * @property {number | null} failingSeq
 */

/** @typedef {{ts: number, seq: number | null, step: number | null}} Moment */
/** @typedef {{seq: number, ts: number, ribbon: string, step: number | null}} Tick an error that is always drawn */

/**
 * What an address asks for. Absent parts are null.
 * @param {string} search
 * @param {string} hash
 */
export function readAddress(search, hash) {
  const query = new URLSearchParams(search);
  const fragment = new URLSearchParams(hash.replace(/^#/, ""));
  return { step: whole(query.get("step")), seq: whole(fragment.get("seq")), tab: query.get("tab") };
}

/** @param {string | null} text @returns {number | null} */
function whole(text) {
  return text !== null && /^[0-9]{1,16}$/.test(text) ? Number(text) : null;
}

/**
 * The address that names a moment: `?step=7&tab=network#seq=214`. Other query fields stay.
 * @param {Moment} moment
 * @param {string} search the present query
 */
export function writeAddress(moment, search) {
  const query = new URLSearchParams(search);
  if (moment.step === null) query.delete("step");
  else query.set("step", String(moment.step));
  const text = query.toString();
  return (text ? `?${text}` : "?") + (moment.seq === null ? "" : `#seq=${moment.seq}`);
}

/** @type {Record<string, string>} */
const KEYS = {
  j: "next-step", k: "previous-step", " ": "play", "]": "next-error", "[": "previous-error",
  n: "next-event", p: "previous-event", f: "pin", d: "debugger", r: "replay", "/": "search", "?": "help",
  ",": "previous-frame", ".": "next-frame", 1: "phase-before", 2: "phase-action", 3: "phase-after",
  e: "elements", i: "intro", g: "follow", h: "pan-left", l: "pan-right", a: "set-a", b: "set-b", c: "copy", s: "select-step", x: "clear-range", "+": "zoom-in", "-": "zoom-out", 0: "fit",
};

/**
 * The command of a key press, or null where the key belongs to a field, a button or the browser.
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean}} press
 * @param {{tagName?: string, isContentEditable?: boolean} | null} target
 */
export function commandOf(press, target) {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const tag = (target?.tagName ?? "").toUpperCase();
  if (["INPUT", "TEXTAREA", "SELECT"].includes(tag) || target?.isContentEditable) return null;
  if (press.key === " " && ["BUTTON", "SUMMARY"].includes(tag)) return null;
  return KEYS[press.key.length === 1 ? press.key.toLowerCase() : press.key] ?? null;
}

/** A step as the server writes it: number, status, start, end, seqFirst, seqLast, failingSeq. */
/** @typedef {[number, string, number | null, number | null, number | null, number | null, number | null]} StepRow */

/** @param {StepRow[]} rows @returns {Step[]} */
export function readSteps(rows) {
  return rows.map(([number, status, start, end, seqFirst, seqLast, failingSeq]) => ({
    number, status, start, end, seqFirst, seqLast, failingSeq,
  }));
}

export class Playhead {
  /** @param {{duration: number, steps: Step[], ticks: Tick[], leadIn?: number}} record `leadIn`: when the first step began */
  constructor(record) {
    this.duration = record.duration;
    /** @type {Step[]} */
    this.steps = [];
    /** @type {Map<number, Step>} */
    this.stepOf = new Map();
    this.setSteps(record.steps);
    this.leadIn = record.leadIn ?? this.steps.find((step) => step.start !== null)?.start ?? 0;
    this.ticks = record.ticks;
    /** @type {TraceIndex | null} */
    this.index = null;
    /** @type {Moment} */
    this.moment = { ts: 0, seq: null, step: this.steps[0]?.number ?? null };
    this.playing = false;
    this.speed = 1;
    /** Asked for an event that the index of a very long run does not list. @type {((seq: number) => void) | null} */
    this.missing = null;
    /** @type {Set<(moment: Moment) => void>} */
    this.listeners = new Set();
  }

  /** Calls `listener` at once and after every move. @param {(moment: Moment) => void} listener */
  subscribe(listener) {
    this.listeners.add(listener);
    listener(this.moment);
    return () => this.listeners.delete(listener);
  }

  /** @param {Moment} moment */
  move(moment) {
    this.moment = moment;
    for (const listener of this.listeners) listener(moment);
  }

  /** Gives the index, once it is there; a moment asked for by seq before that becomes exact. @param {TraceIndex} index */
  setIndex(index) {
    this.index = index;
    if (index.steps.length > 0) this.setSteps(readSteps(index.steps));
    if (this.moment.seq === null) this.seek(this.moment.ts);
    else this.seekSeq(this.moment.seq);
  }

  /** @param {Step[]} steps in order */
  setSteps(steps) {
    this.steps = steps;
    this.stepOf = new Map(steps.map((step) => [step.number, step]));
  }

  /** @param {number} number @returns {Step | null} */
  step(number) {
    return this.stepOf.get(number) ?? null;
  }

  /** Whether a moment is its step's failure or last event. @param {Moment} moment */
  endsStep({ seq, step }) {
    const held = step === null ? null : this.step(step);
    return held !== null && seq !== null && (seq === held.failingSeq || seq === held.seqLast);
  }

  /** Whether a moment's step has failed or ended by then: what it left behind belongs to the moment. @param {Moment} moment */
  hasEnded(moment) {
    const held = moment.step === null ? null : this.step(moment.step);
    const failed = held?.failingSeq == null ? null : this.timeOf(held.failingSeq);
    const closing = failed ?? held?.end ?? Infinity;
    return this.index === null || this.endsStep(moment) || moment.ts >= closing;
  }

  /** The step under way at a time. @param {number} ts @returns {number | null} */
  stepAt(ts) {
    return this.steps.findLast((step) => step.start !== null && step.start <= ts)?.number ?? null;
  }

  /** Moves to a time; the last event at or before it becomes the evidence. @param {number} ts */
  seek(ts) {
    const inside = Math.min(Math.max(ts, 0), this.duration);
    const row = this.index?.rowAt(inside) ?? -1;
    const seq = row < 0 ? null : (this.index?.seq[row] ?? null);
    this.move({ ts: inside, seq, step: this.stepAt(inside) });
  }

  /** Moves to an event. Before the index is there only errors and step ends are known. @param {number} seq */
  seekSeq(seq) {
    const row = this.index?.rowOf(seq) ?? -1;
    if (this.index && row >= 0) {
      const ts = this.index.ts[row] ?? 0;
      this.move({ ts, seq, step: this.index.step[row] || this.stepAt(ts) });
      return;
    }
    if (this.index?.partial && this.missing) {
      this.missing(seq);
      return;
    }
    const tick = this.ticks.find((candidate) => candidate.seq === seq);
    const step = this.steps.find((candidate) => candidate.seqLast === seq);
    const ts = tick?.ts ?? step?.end ?? this.moment.ts;
    this.move({ ts, seq, step: tick?.step ?? step?.number ?? this.moment.step });
  }

  /** Moves to a step: to its failure where it failed, else to its end. @param {number} number */
  seekStep(number) {
    const moment = this.momentOf(number);
    if (moment) this.move(moment);
  }

  /** The moment that stands for a step. @param {number} number @returns {Moment | null} */
  momentOf(number) {
    const step = this.step(number);
    if (!step) return null;
    const seq = step.failingSeq ?? step.seqLast;
    const known = seq !== null && (this.index === null || this.index.rowOf(seq) >= 0);
    const ts = step.end ?? step.start ?? this.moment.ts;
    return { ts: (known && seq !== null ? this.timeOf(seq) : null) ?? ts, seq: known ? seq : null, step: number };
  }

  /** @param {number} seq @returns {number | null} */
  timeOf(seq) {
    return this.index?.timeOf(seq) ?? this.ticks.find((tick) => tick.seq === seq)?.ts ?? null;
  }

  /** @param {1 | -1} direction */
  moveStep(direction) {
    const at = this.steps.findIndex((step) => step.number === this.moment.step);
    const next = this.steps[at < 0 ? 0 : at + direction];
    if (next) this.seekStep(next.number);
  }

  /** @param {1 | -1} direction @param {import("./lanes.js").Ribbon | null} [lane] stay in this one */
  moveEvent(direction, lane = null) {
    const seq = this.index?.seq[this.rowFrom(direction, lane)];
    if (seq !== undefined) this.seekSeq(seq);
  }

  /** The next listed row in a direction. @param {1 | -1} direction @param {import("./lanes.js").Ribbon | null} lane */
  rowFrom(direction, lane) {
    let row = this.row() + direction;
    while (this.index && lane !== null && row >= 0 && row < this.index.length && this.index.ribbonAt(row) !== lane) row += direction;
    return row;
  }

  /** Moves to the next error and says whether there was one. @param {1 | -1} direction */
  moveError(direction) {
    const row = this.index?.errorFrom(this.row(), direction) ?? null;
    if (row === null) return false;
    this.seekSeq(this.index?.seq[row] ?? 0);
    return true;
  }

  /** The row of the present evidence. */
  row() {
    if (!this.index) return -1;
    const cited = this.moment.seq === null ? -1 : this.index.rowOf(this.moment.seq);
    return cited >= 0 ? cited : this.index.rowAt(this.moment.ts);
  }

  /** Starts or stops playing; at the end it starts over. */
  toggle() {
    this.playing = !this.playing;
    if (this.playing && this.moment.ts >= this.duration) this.seek(0);
    return this.playing;
  }

  /** Lets time pass while playing. @param {number} elapsed milliseconds */
  advance(elapsed) {
    if (!this.playing) return;
    this.seek(this.moment.ts + elapsed * this.speed);
    if (this.moment.ts >= this.duration) this.playing = false;
  }
}
