/** The card over the aligned ribbons: the difference under the pointer, or the event of the run whose strip it is over. */

import { EventWindows } from "../trace_app/event-windows.js";
import { hoverCard } from "../trace_app/hover-card.js";
import { LANES_TOP, LANE_HEIGHT, sideAt } from "./compare-axis.js";
import { RIBBONS } from "../trace_app/lanes.js";

/** @import { Side } from "./compare-axis.js" */
/** @import { Difference } from "./compare-marks.js" */
/** @import { CompareRibbons } from "./compare-ribbons.js" */
/** @import { ComparedSide } from "./compared-side.js" */

const NEAR = 7;
const HOVER_MS = 90;
const ERROR = 2;

/**
 * @param {CompareRibbons} ribbons
 * @param {Difference[]} differences
 * @param {Record<Side, ComparedSide>} sides
 */
export function compareHover(ribbons, differences, sides) {
  const { canvas, axis, scale } = ribbons;
  const card = hoverCard(ribbons.host);
  const windows = { a: new EventWindows(sides.a.rowsUrl, {}), b: new EventWindows(sides.b.rowsUrl, {}) };
  /** @type {number | undefined} */
  let timer;

  /** @param {Side} side @param {number} row @param {number} x @param {string} said empty asks the server */
  function show(side, row, x, said) {
    const { index } = ribbons.runs[side];
    if (!index) return;
    const seq = index.seq[row] ?? 0;
    const failed = index.level[row] === ERROR;
    const tell = (/** @type {string} */ text) => card.tell(seq, `${side === "a" ? "Left" : "Right"}: ${text}`, failed);
    card.show(index, row, x);
    tell(said || index.titles[String(seq)] || "");
    window.clearTimeout(timer);
    if (said) return;
    timer = window.setTimeout(async () => {
      const text = await windows[side].text(seq);
      if (text) tell(text);
    }, windows[side].known.has(seq) ? 0 : HOVER_MS);
  }

  /** The difference whose line is under the pointer. @param {string} lane @param {number} x */
  function differenceAt(lane, x) {
    const distance = (/** @type {Difference} */ mark) => Math.min(...[mark.a, mark.b].map((u) => (u === null ? Infinity : Math.abs(scale.x(u) - x))));
    const near = differences.filter((mark) => mark.lane === lane && distance(mark) < NEAR);
    return near.sort((one, other) => Number(other.first) - Number(one.first) || distance(one) - distance(other))[0];
  }

  canvas.addEventListener("pointerleave", () => card.hide());
  canvas.addEventListener("wheel", () => card.hide(), { passive: true });
  canvas.addEventListener("pointermove", (event) => {
    const lane = RIBBONS[Math.floor((event.offsetY - LANES_TOP) / LANE_HEIGHT)];
    if (event.buttons !== 0 || !lane) return card.hide();
    const side = sideAt(event.offsetY);
    const { index } = ribbons.runs[side];
    const mark = differenceAt(lane, event.offsetX);
    const other = side === "a" ? "b" : "a";
    const [shown, seq] = mark?.[`seq_${side}`] ? [side, mark[`seq_${side}`]] : [other, mark?.[`seq_${other}`] ?? null];
    const marked = seq === null ? -1 : (ribbons.runs[/** @type {Side} */ (shown)].index?.rowOf(/** @type {number} */ (seq)) ?? -1);
    if (mark && marked >= 0) return show(/** @type {Side} */ (shown), marked, event.offsetX, `${mark.dimension}: ${mark.text}`);
    const ts = axis.time(side, scale.ts(event.offsetX));
    const reach = axis.time(side, scale.ts(event.offsetX + NEAR)) - ts;
    const row = index?.nearest(lane, ts, Math.max(reach, 0)) ?? null;
    if (row === null) card.hide();
    else show(side, row, event.offsetX, "");
  });
}
