/** Selects a range on the ribbons: shift with the pointer or the arrows; draws the band and the line that says so. */

import { clock } from "./density.js";
import { announce } from "./page.js";
import { writeRange } from "./range.js";

/** @import { Range, Stretch } from "./range.js" */
/** @import { Ribbons } from "./ribbons.js" */

const SETTLE_MS = 200;

export class RangeBand {
  /**
   * @param {Ribbons} ribbons
   * @param {Range} range
   * @param {HTMLElement} bar says above the tab what it is narrowed to
   */
  constructor(ribbons, range, bar) {
    this.ribbons = ribbons;
    this.range = range;
    this.bar = bar;
    this.band = document.createElement("div");
    this.band.className = "range-band";
    ribbons.host.append(this.band);
    /** @type {number | null} */
    this.anchor = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    this.told = range.stretch;
    const host = ribbons.host;
    host.addEventListener("pointerdown", (event) => this.press(event), true);
    host.addEventListener("pointermove", (event) => this.drag(event), true);
    host.addEventListener("pointerup", () => { this.anchor = null; });
    host.addEventListener("keydown", (event) => this.key(event), true);
    ribbons.drawn.add(() => this.place());
    range.subscribe((stretch) => this.show(stretch));
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (!event.shiftKey || event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    this.anchor = this.ribbons.scale.ts(event.offsetX);
    this.ribbons.card?.hide();
    this.ribbons.canvas.setPointerCapture(event.pointerId);
    this.ribbons.canvas.focus({ preventScroll: true });
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (this.anchor === null) return;
    event.stopPropagation();
    this.range.select(this.anchor, this.ribbons.scale.ts(event.offsetX));
  }

  /** The keyboard's twin of the drag: shift and an arrow select from the playhead on. @param {KeyboardEvent} event */
  key(event) {
    const playhead = this.ribbons.playhead;
    if (!event.shiftKey || !["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
      if (event.key.startsWith("Arrow")) this.range.anchor = null;
      return;
    }
    const before = playhead.moment.ts;
    this.ribbons.key(event);
    event.stopPropagation();
    this.range.extend(before, playhead.moment.ts);
  }

  /** Selects the step under way, or nothing where it is selected already. */
  selectStep() {
    const { steps, moment, duration } = this.ribbons.playhead;
    const at = steps.findIndex((step) => step.number === moment.step);
    const step = steps[at];
    if (!step || step.start === null) return;
    const end = step.end ?? steps[at + 1]?.start ?? duration;
    const held = this.range.stretch;
    if (held && held.from === step.start && held.to === end) this.range.clear();
    else this.range.select(step.start, end);
  }

  zoom() {
    const held = this.range.stretch;
    if (!held) return;
    const room = (held.to - held.from) * 0.04;
    const length = Math.min(Math.max(held.to - held.from + 2 * room, 5), this.ribbons.scale.duration);
    this.ribbons.scale.place(held.from - room, length);
    this.ribbons.schedule();
  }

  /** @param {Stretch | null} stretch */
  show(stretch) {
    this.bar.hidden = stretch === null;
    const text = stretch ? `${clock(stretch.from)} to ${clock(stretch.to)}` : "";
    const label = /** @type {HTMLElement} */ (this.bar.querySelector("b"));
    if (stretch) label.textContent = text;
    this.place();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.settle(text), SETTLE_MS);
  }

  /** @param {string} text */
  settle(text) {
    if (this.range.stretch === this.told) return;
    this.told = this.range.stretch;
    const query = writeRange(this.range.stretch, window.location.search);
    window.history.replaceState(null, "", `?${query}${window.location.hash}`);
    announce(text ? `Selected ${text}; the tabs show only that.` : "The tabs show the whole run again.");
  }

  place() {
    const held = this.range.stretch;
    this.band.hidden = held === null;
    if (!held) return;
    const { scale } = this.ribbons;
    const left = Math.max(scale.x(held.from), 0);
    const right = Math.min(scale.x(held.to), scale.width);
    this.band.hidden = right < left;
    this.band.style.left = `${left}px`;
    this.band.style.width = `${Math.max(right - left, 1)}px`;
  }
}
