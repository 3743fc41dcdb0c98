/** What lies over the lanes of the ribbons: guides that join errors, the errors themselves, the playhead. Only drawing. */

import { RIBBONS } from "./lanes.js";

/** @import { Ribbon } from "./lanes.js" */
/** @import { Tick } from "./playhead.js" */
/** @import { TimeScale } from "./density.js" */
/** @typedef {{context: CanvasRenderingContext2D, scale: TimeScale, head: number, lane: number}} Sheet where to draw */

/** @param {Sheet} sheet @param {string} ribbon the top of its lane */
function topOf(sheet, ribbon) {
  return sheet.head + RIBBONS.indexOf(/** @type {Ribbon} */ (ribbon)) * sheet.lane;
}

/**
 * A dashed guide through errors of several ribbons that happened together. At a wide zoom it is a vertical line, close
 * up it leads from error to error.
 * @param {Sheet} sheet
 * @param {Tick[]} group
 */
export function drawGuide(sheet, group) {
  const { context, scale, lane } = sheet;
  const last = /** @type {Tick} */ (group.at(-1));
  if (scale.x(last.ts) < 0 || scale.x(/** @type {Tick} */ (group[0]).ts) > scale.width) return;
  context.setLineDash([2, 3]);
  context.beginPath();
  const down = [...group].sort((a, b) => topOf(sheet, a.ribbon) - topOf(sheet, b.ribbon) || a.ts - b.ts);
  down.forEach((tick, i) => {
    const x = Math.round(scale.x(tick.ts)) + 0.5;
    const top = topOf(sheet, tick.ribbon);
    if (i === 0) context.moveTo(x, top);
    else context.lineTo(x, top);
    context.lineTo(x, top + lane);
  });
  context.stroke();
  context.setLineDash([]);
}

/** Errors keep three pixels and a head at any zoom. @param {Sheet} sheet @param {{ts: number, ribbon: string}} tick */
export function drawError(sheet, tick) {
  const { context, scale, lane } = sheet;
  const x = scale.x(tick.ts);
  if (x < -6 || x > scale.width + 6) return;
  const top = topOf(sheet, tick.ribbon);
  context.fillRect(x - 1.5, top + 2, 3, lane - 4);
  context.beginPath();
  context.moveTo(x - 5, top + 1);
  context.lineTo(x + 5, top + 1);
  context.lineTo(x, top + 8);
  context.fill();
}

/** @param {Sheet} sheet @param {number} ts @param {number} height */
export function drawPlayhead(sheet, ts, height) {
  const { context, scale } = sheet;
  const x = scale.x(ts);
  context.fillRect(x - 0.75, 4, 1.5, height - 4);
  context.beginPath();
  context.arc(x, 5, 4.5, 0, Math.PI * 2);
  context.fill();
}
