/**
 * Draws the five ribbons on a canvas and turns pointer and keys on it into moves of the playhead.
 * From the density bins first, from single events once the index is there and few enough are in view.
 */

import { RIBBONS } from "./lanes.js";
import { TimeScale, joinedErrors, runsOf } from "./density.js";
import { drawError, drawGuide, drawPlayhead } from "./ribbon-marks.js";

/** @import { Playhead } from "./playhead.js" */
/** @import { DensityJson, Run } from "./density.js" */
/** @import { HoverCard } from "./hover-card.js" */
/** @import { Ribbon } from "./lanes.js" */
/** @import { TraceIndex } from "./trace-index.js" */

const HEAD = 18;
const LANE = 30;
const MARK = 16;
const SINGLE_EVENTS = 4000;
const JOIN_MS = 50;
const EDGE = 7;
/** The rank of an error in the bins, and in the index. */
const ERROR_LEVEL = 3;
const ERROR = 2;

/** @param {Element | undefined} element @param {string} property */
function styleOf(element, property) {
  return element ? getComputedStyle(element).getPropertyValue(property).trim() : "";
}

export class Ribbons {
  /**
   * @param {HTMLElement} host holds the canvas and the hover card
   * @param {Playhead} playhead
   * @param {DensityJson} density
   */
  constructor(host, playhead, density) {
    this.host = host;
    this.playhead = playhead;
    this.density = density;
    this.canvas = /** @type {HTMLCanvasElement} */ (host.querySelector("canvas"));
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.scale = new TimeScale(playhead.duration);
    this.scale.pad = EDGE;
    this.scale.skipLeadIn(playhead.leadIn);
    this.scale.reveal(playhead.moment.ts);
    this.groups = joinedErrors(density.ticks, JOIN_MS);
    const width = density.span_ms / density.bins;
    /** @type {Record<string, Run[]>} */
    this.runs = Object.fromEntries(RIBBONS.map((lane) => [lane, runsOf(density.lanes[lane] ?? "", width)]));
    /** @type {number | null} */
    this.pending = null;
    /** Whether the line of step numbers is held and dragged. */
    this.held = false;
    /** Who lies over the ribbons and moves with them. @type {Set<() => void>} */
    this.drawn = new Set();
    /** What says which event is under the pointer; it comes after the first drawing. @type {HoverCard | null} */
    this.card = null;
    /** Called with the event under the pointer. @type {((seq: number) => void) | null} */
    this.hovered = null;
    this.readColours();
    this.resize();
    this.listen();
    playhead.subscribe(() => {
      if (playhead.playing) this.scale.reveal(playhead.moment.ts);
      this.describe();
      this.schedule();
    });
  }

  /** Colours come from the tokens, so that light and dark need no second list. */
  readColours() {
    const names = ["line", "sunken", "fail", "fail-soft", "warn", "accent", "accent-soft", "text-3", "surface",
      ...RIBBONS.map((lane) => `r-${lane}`)];
    // All stand in the document before the first is read: each reading after a change would cost a style of its own.
    const probes = names.map(() => document.createElement("i"));
    names.forEach((name, i) => probes[i]?.style.setProperty("color", `var(--${name})`));
    this.host.append(...probes);
    /** @type {Record<string, string>} */
    this.colours = Object.fromEntries(names.map((name, i) => [name, styleOf(probes[i], "color")]));
    for (const probe of probes) probe.remove();
    this.font = `500 10.5px ${styleOf(this.host, "--mono")}`;
  }

  listen() {
    new ResizeObserver(() => { if (this.scale.width !== Math.max(this.host.clientWidth, 1)) this.resize(); }).observe(this.host);
    const change = () => { this.readColours(); this.schedule(); };
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", change);
    this.canvas.addEventListener("pointerdown", (event) => this.press(event));
    this.canvas.addEventListener("pointermove", (event) => this.hover(event));
    this.canvas.addEventListener("pointerleave", () => this.card?.hide());
    this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.scale.width = Math.max(this.host.clientWidth, 1);
    this.canvas.width = Math.round(this.scale.width * ratio);
    this.canvas.height = Math.round((HEAD + LANE * RIBBONS.length) * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.draw();
  }

  schedule() {
    this.pending ??= requestAnimationFrame(() => { this.pending = null; this.draw(); });
  }

  /** @param {PointerEvent} event */
  press(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.held = event.offsetY < HEAD || event.button === 1;
    if (this.held) {
      event.preventDefault();
      return;
    }
    const { lane, ts } = this.at(event);
    const near = lane ? this.playhead.index?.nearest(lane, ts, this.scale.ts(6) - this.scale.ts(0)) : null;
    if (near !== null && near !== undefined) this.playhead.seekSeq(this.playhead.index?.seq[near] ?? 0);
    else this.playhead.seek(ts);
  }

  /** @param {PointerEvent} event */
  hover(event) {
    const { lane, ts, x } = this.at(event);
    if (event.buttons !== 0) {
      this.card?.hide();
      if (this.held) this.pan(-event.movementX);
      else if (Math.abs(event.movementX) > 0) this.playhead.seek(ts);
      return;
    }
    const index = this.playhead.index;
    const near = lane && index ? index.nearest(lane, ts, this.scale.ts(8) - this.scale.ts(0)) : null;
    if (near === null || !index) this.card?.hide();
    else {
      this.card?.show(index, near, x);
      this.hovered?.(index.seq[near] ?? 0);
    }
    this.canvas.classList.toggle("over-event", near !== null);
  }

  /** @param {number} pixels */
  pan(pixels) {
    this.scale.pan(pixels);
    this.schedule();
  }

  /** Wheel zooms at the pointer, a sideways wheel or shift pans. @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) this.scale.pan(sideways);
    else this.scale.zoom(Math.exp(event.deltaY / 400), event.offsetX);
    this.card?.hide();
    this.schedule();
  }

  /** The canvas is a slider for the keyboard. @param {KeyboardEvent} event */
  key(event) {
    const move = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (move === undefined && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    const unit = (this.scale.to - this.scale.from) / 100;
    const edge = event.key === "Home" ? 0 : this.playhead.duration;
    this.playhead.seek(move === undefined ? edge : this.playhead.moment.ts + move * unit);
    this.scale.reveal(this.playhead.moment.ts);
  }

  /** @param {MouseEvent} event */
  at(event) {
    const lane = RIBBONS[Math.floor((event.offsetY - HEAD) / LANE)] ?? null;
    return { lane, ts: this.scale.ts(event.offsetX), x: event.offsetX };
  }

  describe() {
    const { ts, seq, step } = this.playhead.moment;
    this.canvas.setAttribute("aria-valuenow", String(Math.round(ts)));
    const parts = [`${(ts / 1000).toFixed(2)} seconds`, step === null ? "" : `step ${step}`, seq === null ? "" : `event ${seq}`];
    this.canvas.setAttribute("aria-valuetext", parts.filter(Boolean).join(", "));
  }

  draw() {
    const height = HEAD + LANE * RIBBONS.length;
    this.context.clearRect(0, 0, this.scale.width, height);
    this.drawSteps(height);
    RIBBONS.forEach((lane, i) => this.drawLane(lane, HEAD + i * LANE));
    this.drawMarks(height);
    for (const follow of this.drawn) follow();
  }

  /** @param {number} height */
  drawMarks(height) {
    const sheet = { context: this.context, scale: this.scale, head: HEAD, lane: LANE };
    this.fill("fail");
    this.context.strokeStyle = this.colours?.["fail"] ?? "red";
    for (const group of this.groups) drawGuide(sheet, group);
    for (const tick of this.density.ticks) drawError(sheet, tick);
    this.fill("accent");
    drawPlayhead(sheet, this.playhead.moment.ts, height);
  }

  /** @param {string} name */
  fill(name) {
    this.context.fillStyle = this.colours?.[name] ?? "gray";
  }

  /** @param {number} height */
  drawSteps(height) {
    this.context.font = this.font ?? "";
    this.context.textBaseline = "middle";
    let lastLabel = -Infinity;
    /** Where a failure's number stands no other number does. */
    const failures = this.playhead.steps.flatMap(({ start, status }) => (start !== null && status === "failed" ? [Math.max(this.scale.x(start), 0) + 4] : []));
    this.playhead.steps.forEach((step, i) => {
      if (step.start === null) return;
      const open = this.playhead.index ? this.playhead.duration : (step.end ?? step.start);
      const next = this.playhead.steps[i + 1]?.start ?? open;
      const left = this.scale.x(step.start);
      const width = this.scale.x(next) - left;
      if (left > this.scale.width || left + width < 0) return;
      const failed = step.status === "failed";
      const current = step.number === this.playhead.moment.step;
      if (failed || current || i % 2 === 1) {
        this.fill(failed ? "fail-soft" : current ? "accent-soft" : "sunken");
        this.context.fillRect(left, HEAD, width, height - HEAD);
      }
      const labelled = Math.max(left, 0) + 4;
      const crowded = width < 12 || failures.some((at) => Math.abs(at - labelled) < 18);
      if (labelled - lastLabel < 18 || (crowded && !failed)) return;
      lastLabel = labelled;
      this.fill(failed ? "fail" : current ? "accent" : "text-3");
      this.context.fillText(String(step.number), labelled, HEAD / 2);
    });
  }

  /** @param {Ribbon} lane @param {number} top */
  drawLane(lane, top) {
    this.fill("line");
    this.context.fillRect(0, top + LANE - 1, this.scale.width, 1);
    const index = this.playhead.index;
    const listed = index?.covers(this.scale.from, this.scale.to) ?? false;
    const seen = index && listed ? index.rowAt(this.scale.to) - index.rowAt(this.scale.from) : Infinity;
    this.fill(`r-${lane}`);
    const y = top + (LANE - MARK) / 2;
    if (index && seen < SINGLE_EVENTS) this.drawEvents(lane, y, index);
    else this.drawBins(lane, y);
    this.context.globalAlpha = 1;
  }

  /** @param {Ribbon} lane @param {number} y */
  drawBins(lane, y) {
    for (const run of this.runs[lane] ?? []) {
      const left = this.scale.x(run.from);
      const width = Math.max(this.scale.x(run.to) - left, 1.5);
      if (left > this.scale.width || left + width < 0) continue;
      const failed = run.level === ERROR_LEVEL;
      this.fill(failed ? "fail" : `r-${lane}`);
      this.context.globalAlpha = failed ? 1 : Math.min(0.4 + run.count * 0.12, 0.95);
      this.context.fillRect(left, y, failed ? Math.max(width, 3) : width, MARK);
    }
  }

  /** @param {Ribbon} lane @param {number} y @param {TraceIndex} index */
  drawEvents(lane, y, index) {
    if (lane === "video") {
      this.drawFrames(y);
      return;
    }
    for (const row of index.rowsOfRibbon[lane]) {
      const [began, ended] = index.span(row);
      if (ended < this.scale.from || began > this.scale.to) continue;
      const left = this.scale.x(began);
      const width = this.scale.x(ended) - left;
      const failed = index.level[row] === ERROR;
      this.fill(failed ? "fail" : `r-${lane}`);
      this.context.globalAlpha = width > 3 ? 0.42 : 0.85;
      this.context.fillRect(left, y, Math.max(width, failed ? 3 : 2), MARK);
    }
  }

  /** A film strip: each frame lasts until the next one. @param {number} y */
  drawFrames(y) {
    const index = this.playhead.index;
    if (!index) return;
    let drawnTo = -Infinity;
    index.frames.forEach((row, i) => {
      const next = index.frames[i + 1];
      const left = this.scale.x(index.ts[row] ?? 0);
      const right = this.scale.x(next === undefined ? this.playhead.duration : (index.ts[next] ?? 0));
      if (right < 0 || left > this.scale.width || right - drawnTo < 4) return;
      this.context.globalAlpha = i % 2 ? 0.32 : 0.44;
      this.context.fillRect(Math.max(left, drawnTo) + 1, y - 2, Math.max(right - Math.max(left, drawnTo) - 1, 2), MARK + 4);
      drawnTo = right;
    });
  }
}
