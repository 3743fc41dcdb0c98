/**
 * Draws two runs on one axis: in every lane a strip of the left run above a strip of the right one, what differs
 * between them, and the shared playhead. Turns pointer and keys on the canvas into moves of it.
 */

import { TimeScale, runsOf } from "../trace_app/density.js";
import { RIBBONS, lastAtMost } from "../trace_app/lanes.js";
import { onePerPixel } from "./compare-marks.js";
import { LANES_TOP as HEAD, LANE_HEIGHT as LANE, STRIP_HEIGHT as STRIP, STRIP_TOP as TOP } from "./compare-axis.js";

/** @import { Axis, Side } from "./compare-axis.js" */
/** @import { DensityJson, Run } from "../trace_app/density.js" */
/** @import { TraceIndex } from "../trace_app/trace-index.js" */
/** @typedef {{density: DensityJson, index: TraceIndex | null}} Recorded */
/** @import { Mark } from "./compare-marks.js" */

const SIDES = /** @type {const} */ (["a", "b"]);
const SINGLE_EVENTS = 4000;
const EDGE = 7;
/** Events that began before the view may reach into it; of each lane this many are looked at. */
const LOOK_BACK = 200;
const HEIGHT = HEAD + LANE * RIBBONS.length;
const NAMES = ["line", "sunken", "fail", "fail-soft", "accent", "accent-soft", "text", "text-3", "surface", ...RIBBONS.map((lane) => `r-${lane}`)];

export class CompareRibbons {
  /**
   * @param {HTMLElement} host holds the canvas
   * @param {Axis} axis
   * @param {Record<Side, Recorded>} runs
   * @param {Mark[]} marks
   * @param {(u: number) => void} seek
   */
  constructor(host, axis, runs, marks, seek) {
    this.host = host;
    this.axis = axis;
    this.runs = runs;
    this.marks = marks;
    this.seek = seek;
    this.canvas = /** @type {HTMLCanvasElement} */ (host.querySelector("canvas"));
    this.front = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    /** Where the drawing goes: the canvas itself, or the layer over its bands. */
    this.context = this.front;
    this.layer = document.createElement("canvas");
    this.layered = "";
    this.scale = new TimeScale(axis.length);
    this.scale.pad = EDGE;
    /** @type {string | null} */
    this.lane = null;
    this.u = 0;
    /** @type {number | null} */
    this.pending = null;
    /** @type {Record<string, string>} */
    this.colours = {};
    this.bins = { a: binsOf(runs.a.density), b: binsOf(runs.b.density) };
    this.readColours();
    this.listen();
  }

  /** Colours come from the tokens, so that light and dark need no second list. */
  readColours() {
    const probe = document.createElement("i");
    this.host.append(probe);
    for (const name of NAMES) {
      probe.style.color = `var(--${name})`;
      this.colours[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    this.font = `500 10.5px ${getComputedStyle(this.host).getPropertyValue("--mono")}`;
  }

  listen() {
    new ResizeObserver(() => this.resize()).observe(this.host);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.readColours(); this.schedule(); });
    this.canvas.addEventListener("pointerdown", (event) => { this.canvas.setPointerCapture(event.pointerId); this.point(event); });
    this.canvas.addEventListener("pointermove", (event) => { if (event.buttons === 1) this.point(event); });
    this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.scale.width = Math.max(this.host.clientWidth, 1);
    this.canvas.width = Math.round(this.scale.width * ratio);
    this.canvas.height = Math.round(HEIGHT * ratio);
    this.front.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.layered = "";
    this.draw();
  }

  schedule() {
    this.pending ??= requestAnimationFrame(() => { this.pending = null; this.draw(); });
  }

  /** A press near a difference goes to it exactly. @param {PointerEvent} event */
  point(event) {
    const lane = RIBBONS[Math.floor((event.offsetY - HEAD) / LANE)];
    const places = this.marks.filter((mark) => mark.lane === lane).map((mark) => mark.b ?? mark.a ?? -Infinity);
    const near = event.type === "pointerdown" ? places.find((u) => Math.abs(this.scale.x(u) - event.offsetX) < 6) : undefined;
    this.seek(near ?? this.scale.ts(event.offsetX));
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) this.scale.pan(sideways);
    else this.scale.zoom(Math.exp(event.deltaY / 400), event.offsetX);
    this.schedule();
  }

  /** The canvas is a slider for the keyboard. @param {KeyboardEvent} event */
  key(event) {
    const move = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (move === undefined && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    const unit = (this.scale.to - this.scale.from) / 100;
    this.seek(move === undefined ? (event.key === "Home" ? 0 : this.axis.length) : this.u + move * unit);
  }

  /** @param {number} u @param {string} said for screen readers */
  show(u, said) {
    this.u = u;
    this.scale.reveal(u);
    this.canvas.setAttribute("aria-valuenow", String(Math.round(u)));
    this.canvas.setAttribute("aria-valuetext", said);
    this.schedule();
  }

  /** What the playhead does not change is drawn once per view and laid over the bands. */
  draw() {
    this.context = this.front;
    this.context.clearRect(0, 0, this.scale.width, HEIGHT);
    this.drawSegments();
    const { from, to, width } = this.scale;
    const wanted = [from, to, width, this.lane, this.runs.a.index !== null, this.colours["text"]].join();
    if (wanted !== this.layered) this.drawLayer();
    this.layered = wanted;
    this.context = this.front;
    this.context.drawImage(this.layer, 0, 0, this.scale.width, HEIGHT);
    this.drawPlayhead();
  }

  drawLayer() {
    this.layer.width = this.canvas.width;
    this.layer.height = this.canvas.height;
    const context = this.context = /** @type {CanvasRenderingContext2D} */ (this.layer.getContext("2d"));
    const ratio = window.devicePixelRatio || 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    RIBBONS.forEach((lane, i) => {
      const top = HEAD + i * LANE;
      if (lane === this.lane) { this.fill("accent-soft"); context.globalAlpha = 0.7; context.fillRect(0, top, this.scale.width, LANE - 1); }
      context.globalAlpha = 1;
      this.fill("line");
      context.fillRect(0, top + LANE - 1, this.scale.width, 1);
      for (const side of SIDES) this.drawStrip(lane, side, top + TOP[side]);
    });
    for (const mark of onePerPixel(this.marks, (u) => this.scale.x(u))) this.drawMark(mark);
  }

  /** @param {string} name */
  fill(name) {
    this.context.fillStyle = this.colours[name] ?? "gray";
  }

  /** Bands and numbers of the steps; where a run has no such step its strips lie in shade. */
  drawSegments() {
    this.context.font = this.font ?? "";
    this.context.textBaseline = "middle";
    let labelledTo = -Infinity;
    this.axis.segments.forEach((segment, i) => {
      const left = this.scale.x(segment.start);
      const width = this.scale.x(segment.start + segment.length) - left;
      if (left > this.scale.width || left + width < 0) return;
      const [current, failed] = [this.axis.at(this.u) === segment, segment.failed === true];
      this.fill(failed ? "fail-soft" : current ? "accent-soft" : "sunken");
      if (failed || current || i % 2) this.context.fillRect(left, HEAD, width, HEIGHT - HEAD);
      for (const side of SIDES) if (segment[side] === null) this.shade(left, width, side);
      const x = Math.max(left, 0) + 4;
      const label = stepLabel(segment);
      if (x - labelledTo < 6 || width < 12) return;
      labelledTo = x + this.context.measureText(label).width;
      this.fill(failed ? "fail" : current ? "accent" : "text-3");
      this.context.fillText(label, x, HEAD / 2);
    });
  }

  /** @param {number} left @param {number} width @param {Side} side */
  shade(left, width, side) {
    this.fill("line");
    this.context.globalAlpha = 0.6;
    RIBBONS.forEach((_lane, i) => this.context.fillRect(left, HEAD + i * LANE + TOP[side], width, STRIP));
    this.context.globalAlpha = 1;
  }

  /** @param {"video" | "dom" | "network" | "console" | "agent"} lane @param {Side} side @param {number} y */
  drawStrip(lane, side, y) {
    const { index } = this.runs[side];
    const [from, to] = [this.axis.time(side, this.scale.from), this.axis.time(side, this.scale.to)];
    const single = index && !index.partial && index.rowAt(to) - index.rowAt(from) < SINGLE_EVENTS;
    this.fill(`r-${lane}`);
    if (single && lane === "video") this.drawFrames(side, index, y);
    else if (single) {
      const rows = index.rowsOfRibbon[lane];
      const first = Math.max(lastAtMost(rows, index.rowAt(from)) - LOOK_BACK, 0);
      for (const row of rows.slice(first, lastAtMost(rows, index.rowAt(to)) + 1)) {
        const [began, ended] = index.span(row);
        if (ended >= from) this.bar(side, began, ended, y, ended - began > 0 ? 0.5 : 0.85);
      }
    } else {
      for (const run of this.bins[side][lane] ?? []) this.bar(side, run.from, run.to, y, Math.min(0.4 + run.count * 0.12, 0.95));
    }
    this.fill("fail");
    for (const tick of this.runs[side].density.ticks) if (tick.ribbon === lane) this.bar(side, tick.ts, tick.ts, y - 1, 1, 3, STRIP + 2);
    this.context.globalAlpha = 1;
  }

  /** A film strip: each frame lasts until the next one. @param {Side} side @param {TraceIndex} index @param {number} y */
  drawFrames(side, index, y) {
    index.frames.forEach((row, i) => {
      const ts = index.ts[row] ?? 0;
      const next = index.frames[i + 1];
      const segment = this.axis.holding(side, ts);
      const end = next === undefined ? (segment?.[side]?.[1] ?? ts) : (index.ts[next] ?? ts);
      this.bar(side, ts, Math.min(end, segment?.[side]?.[1] ?? end), y, i % 2 ? 0.34 : 0.5);
    });
  }

  /** @param {Side} side @param {number} from @param {number} to @param {number} y @param {number} alpha @param {number} least */
  bar(side, from, to, y, alpha, least = 2, height = STRIP) {
    const [start, end] = [this.axis.place(side, from), this.axis.place(side, to)];
    if (end === null) return;
    const left = this.scale.x(start ?? 0);
    const width = Math.max(this.scale.x(end) - left, least);
    if (left > this.scale.width || left + width < 0) return;
    this.context.globalAlpha = alpha;
    this.context.fillRect(left, y, width, height);
  }

  /** What differs: a line between both strips; the first divergence also has a sign and is never only a colour. @param {Mark} mark */
  drawMark(mark) {
    const top = HEAD + RIBBONS.indexOf(/** @type {any} */ (mark.lane)) * LANE;
    const [from, to] = [mark.a ?? mark.b, mark.b ?? mark.a];
    if (from === null || to === null) return;
    const [x1, x2] = [this.scale.x(from), this.scale.x(to)];
    if (Math.max(x1, x2) < -8 || Math.min(x1, x2) > this.scale.width + 8) return;
    this.context.strokeStyle = this.colours["text"] ?? "black";
    this.context.lineWidth = mark.first ? 2 : 1;
    this.context.beginPath();
    this.context.moveTo(x1, top + (mark.a === null ? TOP.b - 2 : TOP.a));
    this.context.lineTo(x2, top + (mark.b === null ? TOP.a + STRIP + 2 : TOP.b + STRIP));
    this.context.stroke();
    this.context.lineWidth = 1;
    if (mark.first) this.sign(mark.b === null ? x1 : x2, top + TOP.b - 2);
  }

  /** @param {number} x @param {number} y */
  sign(x, y) {
    const { context } = this;
    this.fill("text");
    context.beginPath();
    context.arc(x, y, 7, 0, Math.PI * 2);
    context.fill();
    this.fill("surface");
    context.fillRect(x - 4, y - 2.5, 8, 1.6);
    context.fillRect(x - 4, y + 1, 8, 1.6);
    context.strokeStyle = this.colours["surface"] ?? "white";
    context.lineWidth = 1.6;
    context.beginPath();
    context.moveTo(x - 2.6, y + 4.6);
    context.lineTo(x + 2.6, y - 4.6);
    context.stroke();
    context.lineWidth = 1;
  }

  drawPlayhead() {
    const x = this.scale.x(this.u);
    this.fill("accent");
    this.context.fillRect(x - 0.75, 4, 1.5, HEIGHT - 4);
    this.context.beginPath();
    this.context.arc(x, 5, 4.5, 0, Math.PI * 2);
    this.context.fill();
  }
}

/** @param {DensityJson} density @returns {Partial<Record<string, Run[]>>} */
function binsOf(density) {
  const width = density.span_ms / density.bins;
  return Object.fromEntries(RIBBONS.map((lane) => [lane, runsOf(density.lanes[lane] ?? "", width)]));
}

/** 7, or 7→8 where the numbers differ. @param {import("./compare-axis.js").Segment} segment */
export function stepLabel(segment) {
  const { step_a: a, step_b: b } = segment;
  if (a === null && b === null) return segment.title.startsWith("before") ? "before" : "";
  if (a === b) return String(a);
  return `${a ?? "–"}→${b ?? "–"}`;
}
