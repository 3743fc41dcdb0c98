import assert from "node:assert/strict";
import { test } from "node:test";

import { Range, readRange, writeRange } from "../../static/trace_app/range.js";

test("the address holds the range beside what else is in it", () => {
  assert.deepEqual(readRange("?step=7&from=20.5&to=10"), { from: 10, to: 20.5 });
  for (const search of ["", "?from=1", "?from=x&to=2", "?from=-1&to=2", "?from=1e9&to=2"]) {
    assert.equal(readRange(search), null, search);
  }
  assert.equal(writeRange({ from: 10.04, to: 20.56 }, "?step=7&to=3"), "step=7&to=20.6&from=10");
  assert.equal(writeRange(null, "?from=1&step=7&to=3"), "step=7");
});

test("a range stays inside the run, and next to nothing is none", () => {
  const range = new Range(1000, null);
  /** @type {unknown[]} */
  const told = [];
  range.subscribe((stretch) => told.push(stretch));
  range.select(1200, 400);
  range.select(5, 5.5);
  range.clear();
  assert.deepEqual(told, [null, { from: 400, to: 1000 }, null]);
});

test("extending goes on from where it began, until it is cleared", () => {
  const range = new Range(1000, null);
  range.extend(100, 120);
  range.extend(120, 160);
  assert.deepEqual(range.stretch, { from: 100, to: 160 });
  range.extend(160, 60);
  assert.deepEqual(range.stretch, { from: 60, to: 100 });
  range.clear();
  range.extend(300, 320);
  assert.deepEqual(range.stretch, { from: 300, to: 320 });
});
