/**
 * Which rows of a long list are seen at a scroll position. Browsers cannot scroll past some ten million pixels: beyond
 * that a pixel of the scrollbar stands for more than one of the list. Pure arithmetic.
 */

const MOST_PIXELS = 8_000_000;

export class VirtualScroll {
  /** @param {number} rowHeight pixels */
  constructor(rowHeight) {
    this.rowHeight = rowHeight;
    this.rows = 0;
    /** Height of the window the list is seen through. */
    this.view = 0;
    /** The one row that is higher than the others, by how many pixels; -1 for none. */
    this.open = { row: -1, extra: 0 };
  }

  /** Height of the scrolled area. */
  get height() {
    return Math.min(this.rows * this.rowHeight, MOST_PIXELS) + this.open.extra;
  }

  /** How many list pixels one scrolled pixel stands for. */
  get ratio() {
    const travel = this.height - this.open.extra - this.view;
    return travel <= 0 ? 1 : Math.max((this.rows * this.rowHeight - this.view) / travel, 1);
  }

  /** The seen rows with some more on both sides. @param {number} scrolled @param {number} more */
  seen(scrolled, more) {
    const top = Math.max(scrolled, 0) * this.ratio;
    const first = Math.floor(top / this.rowHeight) - more;
    const last = Math.ceil((top + this.view) / this.rowHeight) + more;
    return { first: Math.max(first, 0), last: Math.min(last, this.rows) };
  }

  /** Where a row is drawn, in pixels of the scrolled area. @param {number} row @param {number} scrolled */
  top(row, scrolled) {
    const shift = row > this.open.row ? this.open.extra : 0;
    return row * this.rowHeight + shift - Math.max(scrolled, 0) * (this.ratio - 1);
  }

  /** The scroll position that brings a row into view; null where it is seen already. @param {number} row @param {number} scrolled */
  reveal(row, scrolled) {
    const top = row * this.rowHeight - Math.max(scrolled, 0) * this.ratio;
    const height = this.rowHeight + (row === this.open.row ? this.open.extra : 0);
    if (top >= 0 && top + height <= this.view) return null;
    return Math.max((row * this.rowHeight - this.view / 3) / this.ratio, 0);
  }
}
