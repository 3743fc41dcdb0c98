import assert from "node:assert/strict";
import { test } from "node:test";

import { Axis } from "../../static/debugger/compare-axis.js";
import { everyPlace, onePerPixel } from "../../static/debugger/compare-marks.js";

const AXIS = new Axis([
  { title: "Open", step_a: 1, step_b: 1, a: [0, 100], b: [0, 200] },
  { title: "Pay", step_a: 2, step_b: 2, a: [100, 300], b: [200, 300] },
]);

/** @param {number} ts @param {Partial<import("../../static/debugger/compare-marks.js").Told>} [more] */
function told(ts, more = {}) {
  return { dimension: "network", lane: "network", text: "GET /poll", first: false, listed: true, seq_a: ts, seq_b: null, ts_a: ts, ts_b: null, again: [], ...more };
}

test("every place of a difference is one, and knows the row that names it", () => {
  const again = Array.from({ length: 30 }, (_, i) => /** @type {[number, null, number, null]} */ ([100 + i, null, 100 + i, null]));
  const found = everyPlace([told(90, { first: true, again }), told(50)], AXIS);
  assert.equal(found.length, 32);
  assert.deepEqual(found.map(({ a }) => a), [50, 90, ...again.map(([seq]) => 100 + seq)]);
  assert.deepEqual(found.filter(({ first }) => first).map(({ seq_a }) => seq_a), [90]);
  assert.deepEqual(new Set(found.slice(1).map(({ row }) => row.seq_a)), new Set([90]));
});

test("a verdict stands at the end of its step; what no run has a time for stands nowhere", () => {
  const [verdict, ...others] = everyPlace([told(120, { dimension: "steps", lane: "agent" }), told(1, { ts_a: null })], AXIS);
  assert.ok((verdict?.a ?? 0) > 350);
  assert.deepEqual(others, []);
});

test("marks on the same pixels are one line, the first divergence is drawn besides and last", () => {
  const marks = everyPlace([told(90, { first: true }), told(90), told(90.2), told(96), told(90, { lane: "console" })], AXIS);
  const drawn = onePerPixel(marks, (u) => u / 2);
  assert.deepEqual(drawn.map(({ lane, a, first }) => [lane, a, first]), [
    ["network", 90, false], ["console", 90, false], ["network", 96, false], ["network", 90, true],
  ]);
  assert.equal(onePerPixel(marks, (u) => u * 10).length, 5, "closer by each has its own");
});
