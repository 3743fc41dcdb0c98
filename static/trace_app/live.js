/**
 * A run that goes on: its events arrive over one stream, the ribbons grow, and the playhead follows the end until the
 * engineer moves it. The stream is closed while nobody looks and goes on from the last event it brought.
 */

import { joinedErrors } from "./density.js";
import { LiveSteps } from "./live-steps.js";
import { readAddress } from "./playhead.js";

/** @import { Panels } from "./panels.js" */
/** @import { Playhead } from "./playhead.js" */
/** @import { Ribbons } from "./ribbons.js" */
/** @import { StepList } from "./step-list.js" */
/** @import { Mark } from "./trace-index.js" */

/**
 * @typedef {object} LiveEvent
 * @property {number} seq
 * @property {number} ts
 * @property {string} kind
 * @property {number} [step]
 * @property {string} [level]
 * @property {number} [dur]
 * @property {number} [ref]
 * @property {Record<string, any>} data
 */

const PANEL_MS = 2_000;
const SETTLED_MS = 400;
const LEVELS = /** @type {Record<string, number>} */ ({ warning: 1, error: 2 });
const JOIN_MS = 50;
const RETRY_MS = 5_000;

export class Live {
  /**
   * @param {HTMLElement} button says whether the playhead follows, and makes it follow
   * @param {{playhead: Playhead, ribbons: Ribbons, panels: Panels, steps: StepList}} page
   */
  constructor(button, page) {
    this.button = button;
    this.url = button.dataset["streamUrl"] ?? "";
    this.page = page;
    const asked = readAddress(window.location.search, window.location.hash);
    this.following = asked.seq === null && asked.step === null;
    /** Whether it is this that moves the playhead. */
    this.moving = false;
    this.panelAt = -PANEL_MS;
    /** @type {number | undefined} */
    this.panelTimer = undefined;
    this.steps = new LiveSteps(page.steps, page.playhead);
    /** @type {EventSource | null} */
    this.stream = null;
  }

  /** Begins, once the index says which event is the last one known. */
  start() {
    const { playhead } = this.page;
    let first = true;
    playhead.subscribe(() => {
      if (!first && !this.moving) this.follow(false);
      first = false;
    });
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    if (!document.hidden) this.open();
  }

  /** @param {boolean} on */
  follow(on) {
    this.following = on;
    this.button.hidden = false;
    this.button.setAttribute("aria-pressed", String(on));
    if (on) this.toEnd();
  }

  open() {
    const { index } = this.page.playhead;
    if (this.stream || !index) return;
    const after = index.seq.reduce((most, seq) => Math.max(most, seq), 0);
    this.stream = new EventSource(`${this.url}?after=${after}`);
    this.stream.addEventListener("steps", (message) => this.begin(JSON.parse(message.data)));
    this.stream.addEventListener("events", (message) => this.take(JSON.parse(message.data)));
    this.stream.addEventListener("end", () => this.ended());
    this.stream.addEventListener("error", () => void this.refused());
  }

  /** The steps that had begun before this page was opened. @param {LiveEvent[]} events */
  begin(events) {
    this.steps.take(events);
    this.follow(this.following);
  }

  /** A browser asks again by itself, unless the server refused: what has been closed is no longer shown. */
  async refused() {
    if (this.stream?.readyState !== EventSource.CLOSED) return;
    this.close();
    const asking = new AbortController();
    const answer = await fetch(this.url, { signal: asking.signal }).catch(() => null);
    asking.abort();
    if (answer?.status === 404) this.ended();
    else window.setTimeout(() => { if (!document.hidden) this.open(); }, RETRY_MS);
  }

  close() {
    this.stream?.close();
    this.stream = null;
  }

  /**
   * The record is complete, or no longer open to this reader: the page that stands here now takes over. A complete one
   * opens at the moment in the address, and at the failure where the end was followed and the address names none.
   */
  ended() {
    this.close();
    // The address is written once the hand rests: the page that comes opens at what it says.
    window.setTimeout(() => window.location.reload(), SETTLED_MS);
  }

  /** @param {LiveEvent[]} events */
  take(events) {
    const { playhead, ribbons } = this.page;
    const { index } = playhead;
    if (!index || events.length === 0) return;
    for (const { seq, ref, dur } of events) if (dur) index.durations.set(seq, ref ? -dur : dur);
    index.add(events.map((event) => /** @type {Mark} */ ([
      event.seq, event.ts, index.kinds.indexOf(event.kind), event.step ?? 0, LEVELS[event.level ?? ""] ?? 0,
    ])));
    index.addSnapshots(events.filter(({ kind, data }) => kind === "dom.snapshot" && data["main"] !== false));
    this.grow(events);
    this.steps.take(events);
    ribbons.schedule();
    if (this.following) this.toEnd();
    this.refreshPanel();
  }

  /** Time, bins and error ticks. @param {LiveEvent[]} events */
  grow(events) {
    const { playhead, ribbons } = this.page;
    const { index } = playhead;
    const { density, scale } = ribbons;
    const whole = scale.from === 0 && scale.to >= scale.duration;
    const duration = events.reduce((most, { ts }) => Math.max(most, ts), playhead.duration);
    playhead.duration = duration;
    scale.duration = duration;
    if (whole) scale.fit();
    ribbons.canvas.setAttribute("aria-valuemax", String(Math.round(duration)));
    const width = Math.max(density.span_ms / density.bins, 1);
    for (const { seq, ts, kind, level, step } of events) {
      const ribbon = index?.ribbons[index.kinds.indexOf(kind)] ?? "agent";
      ribbons.runs[ribbon]?.push({ from: ts, to: ts + width, count: 1, level: level === "error" ? 3 : 0 });
      if (level === "error") density.ticks.push({ seq, ts, ribbon, step: step ?? null });
    }
    ribbons.groups = joinedErrors(density.ticks, JOIN_MS);
  }

  toEnd() {
    const { playhead, ribbons } = this.page;
    this.moving = true;
    playhead.seek(playhead.duration);
    ribbons.scale.reveal(playhead.duration);
    this.moving = false;
  }

  /** The tab is read again, now and then while events come and once more after the last. */
  refreshPanel() {
    if (this.panelTimer !== undefined) return;
    const wait = Math.max(this.panelAt + PANEL_MS - performance.now(), 0);
    this.panelTimer = window.setTimeout(() => {
      this.panelTimer = undefined;
      if (this.page.panels.tab === "debugger") return;
      this.panelAt = performance.now();
      this.page.panels.load();
    }, wait);
  }
}
