import assert from "node:assert/strict";
import { test } from "node:test";

import { Axis, LANES_TOP, LANE_HEIGHT, readCompared, sideAt } from "../../static/debugger/compare-axis.js";

/** @type {import("../../static/debugger/compare-axis.js").Segment[]} */
const SEGMENTS = [
  { title: "before", step_a: null, step_b: null, a: [0, 100], b: [0, 40] },
  { title: "Open", step_a: 1, step_b: 1, a: [100, 300], b: [40, 540] },
  { title: "New", step_a: null, step_b: 2, a: null, b: [540, 640] },
  { title: "Pay", step_a: 2, step_b: 3, a: [300, 350], b: [640, 650] },
];

test("every pair of steps begins together and is as long as the longer one", () => {
  const axis = new Axis(SEGMENTS);
  assert.deepEqual(axis.segments.map(({ start, length }) => [start, length]), [[0, 100], [100, 500], [600, 100], [700, 50]]);
  assert.equal(axis.length, 750);
  assert.equal(axis.place("a", 100), 100);
  assert.equal(axis.place("b", 40), 100);
  assert.equal(axis.place("a", 320), 720);
  assert.equal(axis.place("b", 645), 705);
});

test("the shorter run waits for the other one, and stands still in a step it has not", () => {
  const axis = new Axis(SEGMENTS);
  assert.equal(axis.time("a", 150), 150);
  assert.equal(axis.time("b", 150), 90);
  assert.equal(axis.time("a", 590), 300, "its step took 200 ms only");
  assert.equal(axis.time("a", 650), 300, "it has no such step");
  assert.equal(axis.time("b", 650), 590);
  assert.equal(axis.indexAt(axis.endOf(1)), 1);
  assert.equal(axis.indexAt(0), 0);
});

test("a time and its place agree both ways", () => {
  const axis = new Axis(SEGMENTS);
  for (const ts of [0, 20, 40, 100, 333, 540, 600, 645]) {
    assert.equal(axis.time("b", /** @type {number} */ (axis.place("b", ts))), ts);
  }
});

test("an address is read part by part", () => {
  const read = readCompared("?step=7&at=12.5&lane=network&zoom=10-20.5", "#seq=214");
  assert.deepEqual(read, { at: 12.5, step: 7, lane: "network", left: null, right: 214, zoom: [10, 20.5] });
  assert.equal(readCompared("", "#left=9").left, 9);
  for (const zoom of ["20-10", "1", "a-b", "1-2-3", "-1-2"]) assert.equal(readCompared(`?zoom=${zoom}`, "").zoom, null, zoom);
  assert.equal(readCompared("?at=-1&step=1e9", "#seq=x").at, null);
});

test("the pointer is over the strip of the run it is nearest to", () => {
  for (const lane of [0, 4]) {
    const top = LANES_TOP + lane * LANE_HEIGHT;
    assert.equal(sideAt(top + 1), "a");
    assert.equal(sideAt(top + 17), "a");
    assert.equal(sideAt(top + 21), "b");
    assert.equal(sideAt(top + 39), "b");
  }
});
