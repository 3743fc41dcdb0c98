/**
 * What the address holds of the ribbons beside step, event, tab and range: the zoom, the chosen lane, and a moment
 * between two events. So that a copied address opens the same view; the rest is in playhead.js and range.js.
 */

import { RIBBONS } from "./lanes.js";

/** @import { Ribbons } from "./ribbons.js" */
/** @import { Ribbon } from "./lanes.js" */
/** @typedef {{zoom: [number, number] | null, lane: Ribbon | null, t: number | null}} View times in milliseconds */

const SETTLE_MS = 200;
const HEAD = 18;
const LANE = 30;

/** @param {string | null | undefined} text @returns {number | null} */
function time(text) {
  return text && /^[0-9]{1,12}(\.[0-9]{1,2})?$/.test(text) ? Number(text) : null;
}

/** @param {string} search @returns {View} */
export function readView(search) {
  const query = new URLSearchParams(search);
  const [from, to, more] = (query.get("zoom") ?? "").split("-");
  const [start, end] = [time(from), time(to)];
  const lane = query.get("lane");
  return {
    zoom: start !== null && end !== null && start < end && more === undefined ? [start, end] : null,
    lane: RIBBONS.find((name) => name === lane) ?? null,
    t: time(query.get("t")),
  };
}

/** The query with the view in it; other fields stay. @param {View} view @param {string} search */
export function writeView({ zoom, lane, t }, search) {
  const query = new URLSearchParams(search);
  const fields = { zoom: zoom?.map(hundredths).join("-") ?? null, lane, t: t === null ? null : String(hundredths(t)) };
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  return query.toString();
}

/** @param {number} value */
function hundredths(value) {
  return Math.round(value * 100) / 100;
}

export class ViewAddress {
  /**
   * @param {Ribbons} ribbons
   * @param {HTMLElement} names the lanes' names, a button each
   */
  constructor(ribbons, names) {
    this.ribbons = ribbons;
    this.names = names;
    const wanted = readView(window.location.search);
    this.wanted = wanted.t;
    /** @type {Ribbon | null} */
    this.lane = null;
    this.unzoomed = this.shown().join("-");
    if (wanted.zoom) ribbons.scale.place(wanted.zoom[0], Math.min(wanted.zoom[1] - wanted.zoom[0], ribbons.scale.duration));
    this.band = document.createElement("i");
    this.band.className = "lane-band";
    ribbons.host.append(this.band);
    this.choose(wanted.lane);
    names.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button[data-lane]"));
      const name = /** @type {Ribbon | undefined} */ (button?.dataset["lane"]);
      if (name) this.choose(name === this.lane ? null : name);
    });
    /** @type {number | undefined} */
    this.timer = undefined;
    ribbons.drawn.add(() => this.later());
    ribbons.playhead.subscribe(() => this.later());
  }

  /** @returns {[number, number]} */
  shown() {
    return [hundredths(this.ribbons.scale.from), hundredths(this.ribbons.scale.to)];
  }

  /** Goes to the moment asked for that is no event's; call it once the index is there. */
  restore() {
    if (this.wanted !== null) this.ribbons.playhead.seek(this.wanted);
    this.wanted = null;
  }

  /** Event by event the playhead then stays in the lane. @param {Ribbon | null} lane */
  choose(lane) {
    this.lane = lane;
    for (const button of this.names.querySelectorAll("button[data-lane]")) {
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset["lane"] === lane));
    }
    this.band.hidden = lane === null;
    if (lane !== null) this.band.style.top = `${HEAD + LANE * RIBBONS.indexOf(lane)}px`;
    this.later();
  }

  later() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.write(), SETTLE_MS);
  }

  /** What is shown is what the address says, to the digit. @param {[number, number]} shown */
  settle([from, to]) {
    const { scale } = this.ribbons;
    if (Math.abs(scale.from - from) + Math.abs(scale.to - to) < 1e-6) return;
    scale.place(from, Math.min(to - from, scale.duration));
    this.ribbons.schedule();
  }

  write() {
    const { playhead } = this.ribbons;
    // Before the index is there a moment asked for is still to come.
    if (this.wanted !== null || playhead.playing) return;
    const { ts, seq } = playhead.moment;
    const event = seq === null ? null : playhead.timeOf(seq);
    const between = playhead.index !== null && (event === null || Math.abs(event - ts) > 0.06);
    const shown = this.shown();
    this.settle(shown);
    const view = { zoom: shown.join("-") === this.unzoomed ? null : shown, lane: this.lane, t: between ? ts : null };
    const query = writeView(view, window.location.search);
    if (`?${query}` === window.location.search || (query === "" && window.location.search === "")) return;
    window.history.replaceState(null, "", `?${query}${window.location.hash}`);
  }
}
