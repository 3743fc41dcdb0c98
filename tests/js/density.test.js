import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeScale, clock, joinedErrors, joinedText, readLane, readTicks, runsOf } from "../../static/trace_app/density.js";

test("bins become runs; equal neighbours are one run, gaps are none", () => {
  assert.deepEqual(runsOf("ABBAx", 16), [
    { from: 16, to: 48, count: 1, level: 0 },
    { from: 64, to: 80, count: 1, level: 3 },
  ]);
  assert.deepEqual(runsOf("", 16), []);
});

test("errors of several ribbons within the gap are joined, those of one ribbon are not", () => {
  const ticks = [
    { seq: 3, ts: 130, ribbon: "console", step: 1 },
    { seq: 1, ts: 100, ribbon: "network", step: 1 },
    { seq: 9, ts: 900, ribbon: "network", step: 2 },
    { seq: 10, ts: 910, ribbon: "network", step: 2 },
  ];
  assert.equal(joinedText(joinedErrors(ticks, 50), 120), "2 errors within 30 ms joined");
  assert.equal(joinedText(joinedErrors(ticks, 50), 900), "");
  assert.deepEqual(joinedErrors(ticks, 50).map((group) => group.map((tick) => tick.seq)), [[1, 3]]);
});

test("zooming keeps the time under the pointer and never leaves the trace", () => {
  const scale = new TimeScale(1000);
  scale.width = 100;
  scale.zoom(0.5, 50);
  assert.equal(scale.ts(50), 500);
  assert.equal(scale.to - scale.from, 500);
  scale.pan(1000);
  assert.equal(scale.to, 1000);
  scale.zoom(100, 0);
  assert.deepEqual([scale.from, scale.to], [0, 1000]);
  scale.zoom(0.1, 0);
  scale.reveal(950);
  assert.ok(scale.from <= 950 && scale.to >= 950);
  scale.fit();
  assert.equal(scale.x(1000), 100);
});

test("a long preparation is left out of the first view, a short one is not", () => {
  const scale = new TimeScale(1000);
  scale.skipLeadIn(50);
  assert.equal(scale.from, 0);
  scale.skipLeadIn(500);
  assert.deepEqual([scale.from, scale.to], [490, 1000]);
  scale.fit();
  assert.equal(scale.from, 0);
});

test("times read as people write them", () => {
  assert.deepEqual([840, 23_410, 125_300].map(clock), ["840 ms", "23.41 s", "2:05.3"]);
});

test("bins that are alike stand in the page once, with their number", () => {
  assert.equal(readLane("AB.a.F1.6.AA"), `A${"B".repeat(10)}F${"1".repeat(6)}AA`);
  assert.equal(readLane(""), "");
});

test("ticks come as columns of differences", () => {
  const ticks = readTicks({ seq: "7,1z", ts: "rx,k", step: "3,-3", ribbon: "24" });
  assert.deepEqual(ticks, [
    { seq: 7, ts: 100.5, ribbon: "network", step: 3 },
    { seq: 78, ts: 102.5, ribbon: "agent", step: null },
  ]);
  assert.deepEqual(readTicks({ seq: "", ts: "", step: "", ribbon: "" }), []);
});
