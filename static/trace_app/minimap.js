/**
 * The whole run in one line above the ribbons: where the shown stretch lies in it, the errors, the range, the playhead.
 * The line is drawn once per width and colour scheme; what moves over it are elements.
 */

import { RIBBONS } from "./lanes.js";

/** @import { Range } from "./range.js" */
/** @import { Ribbons } from "./ribbons.js" */

const HEIGHT = 22;
const LANE = 4;

export class Minimap {
  /**
   * @param {HTMLElement} host holds a canvas
   * @param {Ribbons} ribbons
   * @param {Range} range
   */
  constructor(host, ribbons, range) {
    this.host = host;
    this.ribbons = ribbons;
    this.range = range;
    this.canvas = /** @type {HTMLCanvasElement} */ (host.querySelector("canvas"));
    this.drawnFor = "";
    this.width = 1;
    this.marks = { range: this.mark("mini-range"), window: this.mark("mini-window"), head: this.mark("mini-head") };
    /** @type {number | null} */
    this.grip = null;
    host.addEventListener("pointerdown", (event) => this.press(event));
    host.addEventListener("pointermove", (event) => this.drag(event));
    host.addEventListener("pointerup", () => { this.grip = null; });
    host.addEventListener("dblclick", () => { ribbons.scale.fit(); ribbons.schedule(); });
    new ResizeObserver(() => this.show()).observe(host);
    ribbons.drawn.add(() => this.show());
    range.subscribe(() => this.show());
  }

  /** @param {string} name */
  mark(name) {
    const element = document.createElement("i");
    element.className = name;
    this.host.append(element);
    return element;
  }

  /** @param {number} ts */
  x(ts) {
    return (ts / this.ribbons.scale.duration) * this.width;
  }

  /** Takes hold of the window, or brings its middle to the pointer. @param {PointerEvent} event */
  press(event) {
    const { scale } = this.ribbons;
    const ts = this.timeAt(event);
    const length = scale.to - scale.from;
    this.grip = ts >= scale.from && ts <= scale.to ? ts - scale.from : length / 2;
    this.host.setPointerCapture(event.pointerId);
    this.drag(event);
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (this.grip === null) return;
    const { scale } = this.ribbons;
    scale.place(this.timeAt(event) - this.grip, scale.to - scale.from);
    this.ribbons.schedule();
  }

  /** @param {PointerEvent} event */
  timeAt(event) {
    const left = this.host.getBoundingClientRect().left;
    return ((event.clientX - left) / this.width) * this.ribbons.scale.duration;
  }

  show() {
    this.width = Math.max(this.host.clientWidth, 1);
    const colours = this.ribbons.colours ?? {};
    const wanted = `${this.width} ${colours["fail"]} ${colours["r-network"]}`;
    if (wanted !== this.drawnFor) {
      this.drawnFor = wanted;
      this.draw(colours);
    }
    const { scale, playhead } = this.ribbons;
    this.span(this.marks.window, scale.from, scale.to);
    this.span(this.marks.head, playhead.moment.ts, playhead.moment.ts);
    const held = this.range.stretch;
    this.marks.range.hidden = held === null;
    if (held) this.span(this.marks.range, held.from, held.to);
  }

  /** @param {HTMLElement} mark @param {number} from @param {number} to */
  span(mark, from, to) {
    mark.style.left = `${this.x(from)}px`;
    mark.style.width = `${Math.max(this.x(to) - this.x(from), 2)}px`;
  }

  /** @param {Record<string, string>} colours */
  draw(colours) {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(HEIGHT * ratio);
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    RIBBONS.forEach((lane, i) => {
      context.fillStyle = colours[`r-${lane}`] ?? "gray";
      context.globalAlpha = 0.9;
      for (const run of this.ribbons.runs[lane] ?? []) {
        context.fillRect(this.x(run.from), 1 + i * LANE, Math.max(this.x(run.to) - this.x(run.from), 1.5), LANE - 1);
      }
    });
    context.globalAlpha = 1;
    context.fillStyle = colours["fail"] ?? "red";
    for (const tick of this.ribbons.density.ticks) context.fillRect(this.x(tick.ts) - 1, 0, 2, HEIGHT);
  }
}
