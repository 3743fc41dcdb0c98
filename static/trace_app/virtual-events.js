/**
 * The Events tab's list of a whole run: a table of which only the rows in view exist. It follows the playhead and is the
 * accessible twin of the ribbons; without script the server's table of the step stands in its place.
 */

import { codeSpans } from "./code-spans.js";
import { clock } from "./density.js";
import { EventWindows, PAGE_ROWS } from "./event-windows.js";
import { ribbonOf } from "./lanes.js";
import { VirtualScroll } from "./virtual-scroll.js";

/** @import { Playhead, Moment } from "./playhead.js" */
/** @import { EventRow } from "./event-windows.js" */

const ROW = 46;
const MORE = 6;
const SETTLE_MS = 60;

/** @param {string} tag @param {string} className @param {string} text */
function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}

/** @param {string} className @param {...Node} children */
function cell(className, ...children) {
  const node = make("span", className, "");
  node.setAttribute("role", "cell");
  node.append(...children);
  return node;
}

export class VirtualEvents {
  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} host has the server's table and `data-rows-url`
   * @param {Playhead} playhead
   */
  constructor(scroller, host, playhead) {
    this.scroller = scroller;
    this.host = host;
    this.playhead = playhead;
    const { rowsUrl = "", ribbon = "", from = "", to = "" } = host.dataset;
    this.windows = new EventWindows(rowsUrl, { ribbon, from, to });
    this.scroll = new VirtualScroll(ROW);
    this.body = document.createElement("div");
    this.body.className = "virtual-body";
    this.body.setAttribute("role", "rowgroup");
    /** The rows that exist, by number. @type {Map<number, HTMLElement>} */
    this.made = new Map();
    /** The event whose row is open, so that all of its text is seen. @type {number | null} */
    this.opened = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    this.stop = new AbortController();
    void this.start();
  }

  async start() {
    const first = await this.windows.page(0);
    if (!first || !this.host.isConnected || this.stop.signal.aborted) return;
    this.scroll.rows = first.total;
    this.host.replaceChildren(this.body);
    this.host.setAttribute("role", "table");
    this.host.setAttribute("aria-label", "Events of the run");
    this.host.setAttribute("aria-rowcount", String(first.total));
    this.body.style.height = `${this.scroll.height}px`;
    const count = this.scroller.querySelector("[data-event-count]");
    const told = `${first.total} event${first.total === 1 ? "" : "s"}`;
    if (count) count.textContent = this.host.dataset["from"] ? `Range: ${told}` : told;
    const { signal } = this.stop;
    this.scroller.addEventListener("scroll", () => this.draw(), { signal, passive: true });
    new ResizeObserver(() => {
      this.opened = null;
      this.draw();
    }).observe(this.scroller);
    this.draw();
    this.follow(this.playhead.moment);
  }

  end() {
    this.stop.abort();
    window.clearTimeout(this.timer);
  }

  /** How far the list itself is scrolled past the top of the panel. */
  get scrolled() {
    return this.scroller.scrollTop - this.host.offsetTop + this.scroller.offsetTop + this.head;
  }

  /** What sticks over the list. */
  get head() {
    return /** @type {HTMLElement | null} */ (this.scroller.querySelector(".find-events"))?.offsetHeight ?? 0;
  }

  /** @param {Moment} moment */
  follow(moment) {
    this.mark(moment);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.reveal(moment.seq), SETTLE_MS);
  }

  /** @param {number | null} seq */
  async reveal(seq) {
    if (seq === null || this.scroll.rows === 0) return;
    const present = [...this.made].find(([, node]) => Number(node.dataset["rowSeq"]) === seq);
    const row = present ? present[0] : await this.windows.rowOf(seq);
    // What is scrolled to is there before it is scrolled to.
    if (row !== null) await this.windows.page(Math.floor(row / PAGE_ROWS));
    if (row === null || seq !== this.playhead.moment.seq || this.stop.signal.aborted) return;
    const to = this.scroll.reveal(row, this.scrolled);
    if (to !== null) this.scroller.scrollTop += to - this.scrolled;
    this.draw();
  }

  draw() {
    if (this.stop.signal.aborted || !this.host.isConnected) return;
    this.scroll.view = Math.max(this.scroller.clientHeight - this.head, ROW);
    const { first, last } = this.scroll.seen(this.scrolled, MORE);
    for (const [row, node] of this.made) {
      if (row >= first && row < last) continue;
      node.remove();
      this.made.delete(row);
    }
    const asked = [];
    for (let page = Math.floor(first / PAGE_ROWS); page * PAGE_ROWS < last; page += 1) {
      asked.push(this.windows.page(page).then((found) => this.put(found)));
    }
    this.host.ariaBusy = "true";
    void Promise.all(asked).then(() => { this.host.ariaBusy = "false"; });
    for (const [row, node] of this.made) this.place(node, row);
  }

  /** @param {import("./event-windows.js").Window | null} found */
  put(found) {
    if (!found || this.stop.signal.aborted) return;
    const { first, last } = this.scroll.seen(this.scrolled, MORE);
    found.rows.forEach((event, i) => {
      const row = found.first + i;
      if (row < first || row >= last || this.made.has(row)) return;
      const node = this.row(event, row);
      this.made.set(row, node);
      const next = [...this.made].filter(([other]) => other > row).sort((a, b) => a[0] - b[0])[0];
      this.body.insertBefore(node, next ? next[1] : null);
      this.place(node, row);
    });
    this.mark(this.playhead.moment);
  }

  /** @param {HTMLElement} node @param {number} row */
  place(node, row) {
    node.style.transform = `translateY(${this.scroll.top(row, this.scrolled)}px)`;
  }

  /** @param {EventRow} event @param {number} number */
  row([seq, ts, kind, step, level, text], number) {
    const node = make("div", `virtual-row ${level}`, "");
    node.setAttribute("role", "row");
    node.setAttribute("aria-rowindex", String(number + 1));
    node.dataset["rowSeq"] = String(seq);
    node.dataset["ts"] = ts.toFixed(3);
    const link = /** @type {HTMLAnchorElement} */ (make("a", "cite", String(seq)));
    link.href = `#seq=${seq}`;
    link.dataset["seq"] = String(seq);
    const mark = make("i", `mark ${ribbonOf(kind)}`, "");
    const said = make("span", "say clip", "");
    said.append(...(ribbonOf(kind) === "agent" ? codeSpans(text) : [text]));
    said.title = text;
    node.append(
      cell("num mono muted", make("span", "", clock(ts))),
      cell("num", link),
      cell("what", mark, make("span", "kind", step ? `${kind} · step ${step}` : kind), said),
    );
    return node;
  }

  /** @param {Moment} moment */
  mark({ seq, ts }) {
    for (const node of this.made.values()) {
      const here = Number(node.dataset["rowSeq"]) === seq;
      if (here) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
      node.classList.toggle("later", !here && Number(node.dataset["ts"]) > ts + 0.1);
    }
    if (seq !== this.opened) this.unfold(seq);
  }

  /** The row at the playhead shows all of its text, and those below it make room. @param {number | null} seq */
  unfold(seq) {
    const [row, node] = [...this.made].find(([, one]) => Number(one.dataset["rowSeq"]) === seq) ?? [-1, null];
    this.opened = node ? seq : null;
    this.scroll.open = { row, extra: node ? Math.max(node.offsetHeight - ROW, 0) : 0 };
    this.body.style.height = `${this.scroll.height}px`;
    for (const [other, one] of this.made) this.place(one, other);
  }
}
