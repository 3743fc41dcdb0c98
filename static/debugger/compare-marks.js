/** Where two runs differ, place by place: as the page brings it, and as few lines as show it. */

/** @import { Axis, Side } from "./compare-axis.js" */
/** @typedef {{lane: string, dimension: string, text: string, first: boolean, a: number | null, b: number | null}} Mark places on the axis */
/** @typedef {{seq_a: number | null, seq_b: number | null, ts_a: number | null, ts_b: number | null}} Place */
/** @typedef {[number | null, number | null, number | null, number | null]} Again the same, in the same order */
/** @typedef {Place & {dimension: string, lane: string, text: string, first: boolean, listed: boolean, again: Again[]}} Told */
/** @typedef {Mark & Place & {listed: boolean, row: Place}} Difference one place; `row` is the place that its list names */

/** Every place of every difference, in the order of the axis. @param {Told[]} told @param {Axis} axis @returns {Difference[]} */
export function everyPlace(told, axis) {
  const every = told.flatMap((mark) => {
    const { again, ...one } = mark;
    const places = again.map(([seq_a, seq_b, ts_a, ts_b]) => ({ ...one, seq_a, seq_b, ts_a, ts_b, first: false }));
    return [one, ...places].map((place) => ({ ...place, row: mark, a: placed("a", place, axis), b: placed("b", place, axis) }));
  });
  return every.filter((place) => placeOf(place) !== null).sort((one, other) => (placeOf(one) ?? 0) - (placeOf(other) ?? 0));
}

/** A verdict is known at the end of its step; everything else where it happened. @param {Side} side @param {Place & {dimension: string}} mark @param {Axis} axis */
function placed(side, mark, axis) {
  const ts = mark[side === "a" ? "ts_a" : "ts_b"];
  if (ts === null) return null;
  const u = axis.place(side, ts);
  return mark.dimension === "steps" && u !== null ? axis.endOf(axis.indexAt(u)) : u;
}

/** @param {{a: number | null, b: number | null}} mark */
export function placeOf(mark) {
  return mark.b ?? mark.a;
}

/**
 * Those that have to be drawn: where several fall on the same pixels one line shows them all. First divergences come
 * last, above the others.
 * @param {Mark[]} marks
 * @param {(u: number) => number} x
 */
export function onePerPixel(marks, x) {
  const seen = new Set();
  const pixel = (/** @type {number | null} */ u) => (u === null ? "" : Math.round(x(u)));
  const drawn = marks.filter((mark) => {
    if (mark.first) return false;
    const key = `${mark.lane} ${pixel(mark.a)} ${pixel(mark.b)}`;
    return !seen.has(key) && seen.add(key);
  });
  return [...drawn, ...marks.filter((mark) => mark.first)];
}
