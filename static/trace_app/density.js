/**
 * Density bins as the page carries them: 2,048 bins per ribbon over a power-of-two span, one character each
 * (level × 16 + log-count). Pure; drawing is in ribbons.js.
 */

import { RIBBONS } from "./lanes.js";

/** @import { Ribbon } from "./lanes.js" */
/** @import { Tick } from "./playhead.js" */

/**
 * @typedef {object} DensityJson
 * @property {number} span_ms
 * @property {number} duration_ms
 * @property {number} bins
 * @property {Partial<Record<Ribbon, string>>} lanes
 * @property {Tick[]} ticks
 * @property {number} more errors beyond the ticks
 */

/** Error ticks as a page embeds them: columns of differences with commas, in base 36; `ts` in tenths of a millisecond. */
/** @typedef {{seq: string, ts: string, step: string, ribbon: string}} TickColumns */

/** @param {TickColumns} columns @returns {Tick[]} */
export function readTicks({ seq, ts, step, ribbon }) {
  const [seqs, times, steps] = [seq, ts, step].map((column) => column.split(",").map((text) => parseInt(text, 36)));
  const at = { seq: 0, ts: 0, step: 0 };
  return [...ribbon].map((lane, i) => {
    at.seq += seqs?.[i] ?? 0;
    at.ts += times?.[i] ?? 0;
    at.step += steps?.[i] ?? 0;
    return { seq: at.seq, ts: at.ts / 10, ribbon: RIBBONS[Number(lane)] ?? "agent", step: at.step || null };
  });
}

/** The bins of a lane as a page embeds them: `H.1ia.` is 1,954 times H, the number in base 36. @param {string} text */
export function readLane(text) {
  return text.replace(/(.)\.([0-9a-z]+)\./g, (_all, bin, times) => bin.repeat(parseInt(times, 36)));
}

/** @param {Omit<DensityJson, "ticks"> & {ticks: TickColumns}} packed what the page embeds @returns {DensityJson} */
export function readDensity(packed) {
  const lanes = Object.fromEntries(Object.entries(packed.lanes).map(([name, text]) => [name, readLane(text)]));
  return { ...packed, lanes, ticks: readTicks(packed.ticks) };
}

/** How near to joined errors the playhead has to be for them to be named. */
const NEAR_MS = 30;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** @type {Map<string, number>} */
const VALUE_OF = new Map([...ALPHABET].map((character, value) => [character, value]));

/** A stretch of a lane that looks the same. @typedef {{from: number, to: number, count: number, level: number}} Run */

/**
 * The lane's non-empty bins as runs in milliseconds; neighbours of one look are joined.
 * @param {string} text
 * @param {number} binWidth milliseconds
 * @returns {Run[]}
 */
export function runsOf(text, binWidth) {
  /** @type {Run[]} */
  const runs = [];
  for (let bin = 0; bin < text.length; bin += 1) {
    const value = VALUE_OF.get(text[bin] ?? "A") ?? 0;
    const count = value & 15;
    if (count === 0) continue;
    const level = value >> 4;
    const last = runs.at(-1);
    if (last && last.to === bin * binWidth && last.count === count && last.level === level) {
      last.to += binWidth;
    } else {
      runs.push({ from: bin * binWidth, to: (bin + 1) * binWidth, count, level });
    }
  }
  return runs;
}

/**
 * Errors of different ribbons within a gap of one another, so that a 404 and its console error read as one thing.
 * @param {Tick[]} ticks
 * @param {number} gap milliseconds
 * @returns {Tick[][]} groups of at least two ribbons, in time order
 */
export function joinedErrors(ticks, gap) {
  /** @type {Tick[][]} */
  const groups = [];
  for (const tick of [...ticks].sort((a, b) => a.ts - b.ts)) {
    const group = groups.at(-1);
    if (group && tick.ts - /** @type {Tick} */ (group.at(-1)).ts <= gap) group.push(tick);
    else groups.push([tick]);
  }
  return groups.filter((group) => new Set(group.map((tick) => tick.ribbon)).size > 1);
}

/**
 * The sentence about the errors joined at a moment; empty where there are none.
 * @param {Tick[][]} groups
 * @param {number} ts
 */
export function joinedText(groups, ts) {
  const group = groups.find((ticks) => Math.abs((ticks[0]?.ts ?? 0) - ts) < NEAR_MS || Math.abs((ticks.at(-1)?.ts ?? 0) - ts) < NEAR_MS);
  if (!group) return "";
  const apart = Math.round((group.at(-1)?.ts ?? 0) - (group[0]?.ts ?? 0));
  return `${group.length} errors within ${Math.max(apart, 1)} ms joined`;
}

/** The stretch of time a ribbons view shows, and how it maps to pixels. */
export class TimeScale {
  /** @param {number} duration milliseconds */
  constructor(duration) {
    this.duration = Math.max(duration, 1);
    this.from = 0;
    this.to = this.duration;
    this.width = 1;
    /** Room at both ends, so that a playhead at the very end is seen whole. */
    this.pad = 0;
  }

  /** @param {number} ts */
  x(ts) {
    return this.pad + ((ts - this.from) / (this.to - this.from)) * (this.width - 2 * this.pad);
  }

  /** @param {number} x */
  ts(x) {
    return this.from + ((x - this.pad) / (this.width - 2 * this.pad)) * (this.to - this.from);
  }

  /** Zooms by a factor and keeps the time under `x` where it is. @param {number} factor @param {number} x */
  zoom(factor, x) {
    const fixed = this.ts(x);
    const length = Math.min(Math.max((this.to - this.from) * factor, 5), this.duration);
    const share = (fixed - this.from) / (this.to - this.from);
    this.place(fixed - share * length, length);
  }

  /** @param {number} pixels */
  pan(pixels) {
    const length = this.to - this.from;
    this.place(this.from + (pixels / this.width) * length, length);
  }

  /** @param {number} from @param {number} length */
  place(from, length) {
    this.from = Math.min(Math.max(from, 0), this.duration - length);
    this.to = this.from + length;
  }

  /** Brings a time into view without changing the zoom. @param {number} ts */
  reveal(ts) {
    const length = this.to - this.from;
    if (ts < this.from || ts > this.to) this.place(ts - length / 2, length);
  }

  /** Shows from a time on, where so much lies before it that the rest would be squeezed. @param {number} start */
  skipLeadIn(start) {
    if (start < this.duration * 0.12) return;
    const length = (this.duration - start) * 1.02;
    this.place(this.duration - length, length);
  }

  fit() {
    this.from = 0;
    this.to = this.duration;
  }
}

/**
 * Milliseconds as people read them: 840 ms, 23.41 s, 2:05.3.
 * @param {number} ms
 */
export function clock(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes}:${((ms % 60_000) / 1000).toFixed(1).padStart(4, "0")}`;
}
