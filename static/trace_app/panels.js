/**
 * The tabs at the right: loads a tab's partial, reloads those that follow the step, and marks in every list where the
 * playhead is. The partials are the server's; this draws nothing of its own.
 */

import { Partial } from "./partial.js";
import { writeRange } from "./range.js";
import { lastAtMost } from "./lanes.js";

/** @import { Playhead, Moment } from "./playhead.js" */
/** @import { Range } from "./range.js" */
/** @import { VirtualEvents } from "./virtual-events.js" */

const SETTLE_MS = 120;
/** The index keeps tenths of a millisecond, rows are exact. */
const ROUNDING_MS = 0.1;
/** What is set inside a tab and goes with it. The cursors A and B stay, whatever tab is shown. */
const OF_TAB = ["q", "find", "ribbon", "against", "open"];

export class Panels {
  /**
   * @param {HTMLElement} root the inspector
   * @param {Playhead} playhead
   * @param {Range} range what the tabs are narrowed to
   */
  constructor(root, playhead, range) {
    this.root = root;
    this.playhead = playhead;
    this.range = range;
    this.loadedRange = range.stretch;
    this.panel = /** @type {HTMLElement} */ (root.querySelector("#panel"));
    this.content = new Partial(this.panel);
    this.tab = root.dataset["tab"] ?? "overview";
    this.loadedTab = this.tab;
    /** The server rendered the panel for its step's failure or end. */
    this.loadedFor = `${this.panel.dataset["step"]} true`;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** The list of a whole run, where the tab has one. @type {VirtualEvents | null} */
    this.list = null;
    for (const link of root.querySelectorAll("a[data-tab]")) {
      link.addEventListener("click", (event) => this.onTab(/** @type {MouseEvent} */ (event), link));
    }
    this.panel.addEventListener("htmx:beforeSwap", (event) => this.dropStale(/** @type {CustomEvent} */ (event)));
    this.panel.addEventListener("htmx:afterSettle", () => this.settled());
    this.panel.addEventListener("toggle", () => this.keep(), true);
    /** The part of a tab that alone follows the step. @type {Partial | null} */
    this.part = null;
    this.mount();
    playhead.subscribe((moment) => this.show(moment));
    range.subscribe(() => this.narrow());
  }

  /** @param {MouseEvent} event @param {Element} link */
  onTab(event, link) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.choose(/** @type {HTMLElement} */ (link).dataset["tab"] ?? "overview");
  }

  /** Shows a tab. @param {string} tab */
  choose(tab) {
    this.tab = tab;
    this.root.dataset["tab"] = tab;
    for (const link of this.root.querySelectorAll("a[data-tab]")) {
      if (/** @type {HTMLElement} */ (link).dataset["tab"] === tab) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const address = new URL(window.location.href);
    address.searchParams.set("tab", tab);
    window.history.replaceState(null, "", address);
    this.load();
    this.panel.scrollTop = 0;
  }

  load() {
    const step = this.playhead.moment.step;
    const base = (this.root.dataset["panelUrl"] ?? "").replace(/x$/, "");
    const query = new URLSearchParams(writeRange(this.range.stretch, ""));
    if (step !== null) query.set("step", String(step));
    if (!this.playhead.hasEnded(this.playhead.moment)) query.set("during", "1");
    const address = new URLSearchParams(window.location.search);
    for (const name of this.tab === "delta" ? ["a", "b"] : []) query.set(name, address.get(name) ?? "");
    if (this.tab === this.loadedTab) {
      for (const [name, value] of this.kept()) if (value && OF_TAB.includes(name)) query.set(name, value);
    }
    this.loadedTab = this.tab;
    const url = `${base}${this.tab}?${query}`;
    this.loadedFor = this.wanted();
    this.loadedRange = this.range.stretch;
    void this.content.load(url);
  }

  /** Loads only the part of the tab that follows the step. @param {HTMLElement} target */
  loadPart(target) {
    const { step } = this.playhead.moment;
    if (!target.isConnected || step === null) return;
    if (this.part?.target !== target) this.part = new Partial(target);
    this.loadedFor = this.wanted();
    const during = this.playhead.hasEnded(this.playhead.moment) ? "" : "&during=1";
    void this.part.load(`${target.dataset["partUrl"]}?step=${step}${during}`);
  }

  /** An answer for another tab, or for a step that the playhead has left, is not shown. @param {CustomEvent} event */
  dropStale(event) {
    if (event.detail.target !== this.panel) return;
    const [path, query] = String(event.detail.pathInfo?.requestPath ?? "").split("?");
    const base = (this.root.dataset["panelUrl"] ?? "").replace(/x$/, "");
    if (!path?.startsWith(base)) return;
    const asked = new URLSearchParams(query).get("step");
    const step = this.playhead.moment.step;
    const left = asked !== null && step !== null && asked !== String(step);
    if (path !== base + this.tab || left) event.detail.shouldSwap = false;
    if (path === base + this.tab && left && this.loadedFor !== this.wanted()) this.load();
  }

  /** Loads the tab again for another range, once the hand rests. */
  narrow() {
    if (this.range.stretch === this.loadedRange) return;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.load(), SETTLE_MS);
  }

  settled() {
    this.keep();
    void this.mount();
    this.show(this.playhead.moment);
  }

  /** The server's rows of one step give way to the list of the whole run. */
  async mount() {
    const host = /** @type {HTMLElement | null} */ (this.panel.querySelector("[data-rows-url]"));
    if (host && host === this.list?.host) return;
    this.list?.end();
    this.list = null;
    if (!host) return;
    host.closest("[data-follows]")?.removeAttribute("data-follows");
    // Most visits end without the list of a whole run: its module comes when the tab does.
    const { VirtualEvents } = await import("./virtual-events.js");
    if (!host.isConnected || this.list) return;
    this.list = new VirtualEvents(this.panel, host, this.playhead);
    this.list.follow(this.playhead.moment);
  }

  /** What is set in the tab: its marked fields, and the requests that are open. @returns {[string, string][]} */
  kept() {
    const fields = /** @type {NodeListOf<HTMLInputElement>} */ (this.panel.querySelectorAll("[data-keep]"));
    const open = /** @type {NodeListOf<HTMLElement>} */ (this.panel.querySelectorAll(".net-item[open]"));
    return [
      ...[...fields].map((field) => /** @type {[string, string]} */ ([field.name, field.value])),
      ["open", [...open].map((row) => row.dataset["rowSeq"]).join(".")],
    ];
  }

  /** It stands in the address, so that the address shows the same again. */
  keep() {
    const address = new URL(window.location.href);
    for (const name of OF_TAB) address.searchParams.delete(name);
    for (const [name, value] of this.kept()) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    if (address.href !== window.location.href) window.history.replaceState(null, "", address);
  }

  /** What a panel that follows the step has to be loaded for: the step, and whether it has ended by then. */
  wanted() {
    const { moment } = this.playhead;
    return `${moment.step ?? ""} ${this.playhead.hasEnded(moment)}`;
  }

  /** @param {Moment} moment */
  show(moment) {
    const follows = /** @type {HTMLElement | null} */ (this.panel.querySelector("[data-follows='step']"));
    if (follows && this.loadedFor !== this.wanted()) {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => (follows.dataset["partUrl"] ? this.loadPart(follows) : this.load()), SETTLE_MS);
    }
    if (this.list) this.list.follow(moment);
    else this.mark(moment);
  }

  /** Marks the row at the playhead and dims what is later. @param {Moment} moment */
  mark(moment) {
    const rows = /** @type {HTMLElement[]} */ ([...this.panel.querySelectorAll("[data-row-seq]")]);
    if (rows.length === 0) return;
    const times = rows.map((row) => Number(row.dataset["ts"]));
    const exact = rows.findIndex((row) => this.names(row, moment.seq));
    const at = exact >= 0 ? exact : lastAtMost(times, moment.ts + ROUNDING_MS);
    rows.forEach((row, i) => {
      row.classList.toggle("later", i !== at && (times[i] ?? 0) > moment.ts + ROUNDING_MS);
      if (i === at) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    });
    const row = rows[at];
    if (row?.closest("[data-list]")) this.reveal(row);
  }

  /** A row may stand for two events, a request and its answer. @param {HTMLElement} row @param {number | null} seq */
  names(row, seq) {
    if (seq === null) return false;
    return Number(row.dataset["rowSeq"]) === seq || Number(row.dataset["endSeq"]) === seq;
  }

  /** Scrolls the panel, never the page. @param {HTMLElement} row */
  reveal(row) {
    const outer = this.panel.getBoundingClientRect();
    const inner = row.getBoundingClientRect();
    const head = this.panel.querySelector(".find-events") ? 84 : 34;
    if (inner.top < outer.top + head) this.panel.scrollTop += inner.top - outer.top - head - 26;
    else if (inner.bottom > outer.bottom) this.panel.scrollTop += inner.bottom - outer.bottom + 40;
  }
}
