/** Windows of events from the server, page by page and kept; nothing loads a whole trace. */

/** [seq, milliseconds, kind, step, level, text]. @typedef {[number, number, string, number, string, string]} EventRow */
/** @typedef {{total: number, first: number, rows: EventRow[]}} Window */

export const PAGE_ROWS = 60;
/** The index keeps tenths of a millisecond, rows are exact. */
export const ROUNDING_MS = 0.06;
const KEPT = 40;

export class EventWindows {
  /**
   * @param {string} url
   * @param {Record<string, string>} filter ribbon, from, to; empty ones are left out
   */
  constructor(url, filter) {
    this.url = url;
    this.filter = Object.entries(filter).filter(([, value]) => value !== "");
    /** Pages by number, the latest used last. @type {Map<number, Promise<Window | null>>} */
    this.pages = new Map();
    /** What is known of events by seq. @type {Map<number, EventRow>} */
    this.known = new Map();
    this.total = 0;
  }

  /** @param {Record<string, string>} place */
  async ask(place) {
    const query = new URLSearchParams([...this.filter, ...Object.entries(place), ["count", String(PAGE_ROWS)]]);
    try {
      const answer = await fetch(`${this.url}?${query}`);
      if (!answer.ok) return null;
      const found = /** @type {Window} */ (await answer.json());
      this.total = found.total;
      for (const row of found.rows) this.known.set(row[0], row);
      return found;
    } catch {
      return null;
    }
  }

  /** The page of a number, from 0; asked for once. @param {number} number */
  page(number) {
    let found = this.pages.get(number);
    this.pages.delete(number);
    found ??= this.ask({ row: String(number * PAGE_ROWS) });
    this.pages.set(number, found);
    if (this.pages.size > KEPT) this.pages.delete(/** @type {number} */ (this.pages.keys().next().value));
    void found.then((page) => { if (page === null) this.pages.delete(number); });
    return found;
  }

  /** The row an event stands in, null when the server does not answer. @param {number} seq */
  async rowOf(seq) {
    const found = await this.ask({ at: String(seq) });
    if (!found) return null;
    const at = found.rows.findLastIndex((row) => row[0] <= seq);
    return found.first + Math.max(at, 0);
  }

  /** What happened in an event. @param {number} seq */
  async text(seq) {
    if (!this.known.has(seq)) await this.ask({ at: String(seq) });
    return this.known.get(seq)?.[5] ?? "";
  }
}

/**
 * The row before or after a moment; `seq` is the event it is, if it is one. Rows are in order of time, then seq.
 * @param {EventRow[]} rows @param {number | null} seq @param {number} ts @param {1 | -1} direction
 */
export function neighbour(rows, seq, ts, direction) {
  const at = rows.findIndex((row) => row[0] === seq);
  if (at >= 0) return rows[at + direction];
  const later = (/** @type {EventRow} */ row) => {
    const apart = row[1] - ts;
    return Math.abs(apart) < ROUNDING_MS ? row[0] > (seq ?? Infinity) : apart > 0;
  };
  return direction > 0 ? rows.find(later) : rows.findLast((row) => !later(row));
}
