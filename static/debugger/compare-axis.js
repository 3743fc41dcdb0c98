/**
 * One axis for two runs: each pair of steps gets a segment as long as the longer of the two, and both runs begin it
 * together. Pure; drawing is in compare-ribbons.js.
 */

import { lastAtMost } from "../trace_app/lanes.js";

/** @typedef {"a" | "b"} Side */
/** @typedef {[number, number]} Span milliseconds of a run's own clock */
/**
 * @typedef {object} Segment
 * @property {string} title
 * @property {number | null} step_a
 * @property {number | null} step_b
 * @property {Span | null} a null where this run has no such step
 * @property {Span | null} b
 * @property {boolean} [failed] a run failed in this step
 */
/** @typedef {Segment & {start: number, length: number}} Placed */

/** A step that took no time is still seen and clicked. */
const LEAST = 1;

export class Axis {
  /** @param {Segment[]} segments */
  constructor(segments) {
    let at = 0;
    /** @type {Placed[]} */
    this.segments = segments.map((segment) => {
      const length = Math.max(duration(segment.a), duration(segment.b), LEAST);
      const placed = { ...segment, start: at, length };
      at += length;
      return placed;
    });
    this.length = Math.max(at, LEAST);
    this.starts = this.segments.map((segment) => segment.start);
    this.own = { a: this.segmentsOf("a"), b: this.segmentsOf("b") };
  }

  /** A run's own segments with its times at their begin. @param {Side} side */
  segmentsOf(side) {
    const held = this.segments.filter((segment) => segment[side] !== null);
    return { held, begins: held.map((segment) => /** @type {Span} */ (segment[side])[0]) };
  }

  /** The segment in which a run's time lies. @param {Side} side @param {number} ts @returns {Placed | null} */
  holding(side, ts) {
    const { held, begins } = this.own[side];
    return held[lastAtMost(begins, ts)] ?? null;
  }

  /** The segment at a place of the axis. @param {number} u @returns {Placed} */
  at(u) {
    return /** @type {Placed} */ (this.segments[Math.max(lastAtMost(this.starts, u), 0)]);
  }

  /** Where a run's time lies; null before its first segment. @param {Side} side @param {number} ts @returns {number | null} */
  place(side, ts) {
    const found = this.holding(side, ts);
    if (!found) return null;
    const span = /** @type {Span} */ (found[side]);
    return found.start + Math.min(ts - span[0], found.length);
  }

  /**
   * A run's time at a place; in a step it has not, the time at which it stood still.
   * @param {Side} side @param {number} u
   */
  time(side, u) {
    const here = this.at(u);
    const span = here[side];
    if (span) return Math.min(span[0] + Math.max(u - here.start, 0), span[1]);
    const before = this.segments.findLast((segment) => segment.start < here.start && segment[side] !== null);
    return before?.[side]?.[1] ?? 0;
  }

  /** The end of a segment's longer run, just inside it: there a step's outcome shows. @param {number} index */
  endOf(index) {
    const segment = this.segments[index];
    return segment ? segment.start + segment.length - Math.min(0.1, segment.length / 2) : 0;
  }

  /** @param {number} u */
  indexAt(u) {
    return this.segments.indexOf(this.at(u));
  }
}

/** @param {Span | null} span */
function duration(span) {
  return span === null ? 0 : Math.max(span[1] - span[0], 0);
}

/**
 * What an address of a comparison asks for; absent parts are null.
 * @param {string} search @param {string} hash
 */
export function readCompared(search, hash) {
  const query = new URLSearchParams(search);
  const fragment = new URLSearchParams(hash.replace(/^#/, ""));
  const zoom = (query.get("zoom") ?? "").split("-").map(decimal);
  return {
    at: decimal(query.get("at") ?? ""),
    step: decimal(query.get("step") ?? ""),
    lane: query.get("lane"),
    left: decimal(fragment.get("left") ?? ""),
    right: decimal(fragment.get("seq") ?? ""),
    zoom: zoom.length === 2 && zoom[0] != null && zoom[1] != null && zoom[0] < zoom[1] ? [zoom[0], zoom[1]] : null,
  };
}

/** @param {string} text @returns {number | null} */
function decimal(text) {
  return /^[0-9]{1,16}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : null;
}

/** Pixels of the canvas: above the lanes stand the numbers of the steps; in each lane a strip of either run. */
export const LANES_TOP = 18;
export const LANE_HEIGHT = 40;
export const STRIP_HEIGHT = 13;
export const STRIP_TOP = { a: 5, b: 21 };

/** The run whose strip is nearest to a height of the canvas. @param {number} y @returns {Side} */
export function sideAt(y) {
  const between = (STRIP_TOP.a + STRIP_HEIGHT + STRIP_TOP.b) / 2;
  return (((y - LANES_TOP) % LANE_HEIGHT) + LANE_HEIGHT) % LANE_HEIGHT < between ? "a" : "b";
}
