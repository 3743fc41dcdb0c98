/**
 * The stretch of time selected on the ribbons, to which every tab filters, and its place in the address.
 * Pure of the document; range-band.js draws it and takes the pointer and the keys.
 */

/** @typedef {{from: number, to: number}} Stretch milliseconds of the trace, both ends included */

/** Shorter than this is a click that slipped, not a selection. */
const LEAST_MS = 1;

/** @param {string | null} text @returns {number | null} */
function time(text) {
  return text !== null && /^[0-9]{1,12}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : null;
}

/**
 * The range an address asks for with `?from=&to=`.
 * @param {string} search
 * @returns {Stretch | null}
 */
export function readRange(search) {
  const query = new URLSearchParams(search);
  const from = time(query.get("from"));
  const to = time(query.get("to"));
  return from === null || to === null ? null : { from: Math.min(from, to), to: Math.max(from, to) };
}

/**
 * The query with the range in it, or without one. Other fields stay.
 * @param {Stretch | null} stretch
 * @param {string} search
 */
export function writeRange(stretch, search) {
  const query = new URLSearchParams(search);
  for (const name of /** @type {const} */ (["from", "to"])) {
    if (stretch === null) query.delete(name);
    else query.set(name, String(Math.round(stretch[name] * 10) / 10));
  }
  return query.toString();
}

export class Range {
  /** @param {number} duration milliseconds @param {Stretch | null} stretch */
  constructor(duration, stretch) {
    this.duration = duration;
    this.stretch = stretch;
    /** @type {number | null} */
    this.anchor = null;
    /** @type {Set<(stretch: Stretch | null) => void>} */
    this.listeners = new Set();
  }

  /** Calls `listener` at once and after every change. @param {(stretch: Stretch | null) => void} listener */
  subscribe(listener) {
    this.listeners.add(listener);
    listener(this.stretch);
  }

  /** Selects between two times in either order; next to nothing selects nothing. @param {number} a @param {number} b */
  select(a, b) {
    const inside = (/** @type {number} */ ts) => Math.min(Math.max(ts, 0), this.duration);
    const [from, to] = [inside(Math.min(a, b)), inside(Math.max(a, b))];
    this.tell(to - from < LEAST_MS ? null : { from, to });
  }

  clear() {
    this.anchor = null;
    if (this.stretch) this.tell(null);
  }

  /** Grows or shrinks from where the selecting began, as shift and an arrow do in text. @param {number} at @param {number} to */
  extend(at, to) {
    this.anchor ??= at;
    this.select(this.anchor, to);
  }

  /** @param {Stretch | null} stretch */
  tell(stretch) {
    this.stretch = stretch;
    for (const listener of this.listeners) listener(stretch);
  }
}
