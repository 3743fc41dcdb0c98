import assert from "node:assert/strict";
import { test } from "node:test";

import { neighbour } from "../../static/trace_app/event-windows.js";

/** @type {(seq: number, ts: number) => import("../../static/trace_app/event-windows.js").EventRow} */
const row = (seq, ts) => [seq, ts, "app.log", 1, "", ""];
// Two events of one moment, and one that was numbered later than it happened.
const rows = [row(1, 0), row(2, 10.04), row(3, 10.04), row(9, 12), row(4, 15)];

test("from an event the one beside it, in the order they are shown in", () => {
  assert.equal(neighbour(rows, 3, 10, 1)?.[0], 9);
  assert.equal(neighbour(rows, 3, 10, -1)?.[0], 2);
  assert.equal(neighbour(rows, 9, 12, 1)?.[0], 4);
  assert.equal(neighbour(rows, 4, 15, 1), undefined);
});

test("from a moment between events the one after and the one before it", () => {
  assert.equal(neighbour(rows, null, 11, 1)?.[0], 9);
  assert.equal(neighbour(rows, null, 11, -1)?.[0], 3);
  assert.equal(neighbour(rows, null, 10, -1)?.[0], 3, "an index's time is rounded");
});

test("from an event of another lane the ones of this lane around it", () => {
  const lane = [row(1, 0), row(3, 10.04), row(4, 15)];
  assert.equal(neighbour(lane, 2, 10, 1)?.[0], 3);
  assert.equal(neighbour(lane, 2, 10, -1)?.[0], 1);
});
