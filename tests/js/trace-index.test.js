import assert from "node:assert/strict";
import { test } from "node:test";

import { lastAtMost, ribbonOf } from "../../static/trace_app/lanes.js";
import { TraceIndex } from "../../static/trace_app/trace-index.js";

/** @returns {import("../../static/trace_app/trace-index.js").IndexJson} */
const plain = () => ({
  kinds: ["network.request", "network.response", "console.message", "dom.snapshot", "video.frame"],
  seq: [1, 1, 1, 1, 1],
  ts: [100, 50, 10, 200, 300],
  kind: [0, 1, 2, 3, 4],
  step: [1, 1, 1, 1, 2],
  level: "02000",
  dur: [[1, -30.8], [2, 5]],
  titles: { 2: "404" },
  snapshots: [[4, "after", "click Pay now", 0]],
  partial: false,
});
const index = () => new TraceIndex(plain());

test("differences are summed and times are milliseconds", () => {
  assert.deepEqual([...index().ts], [10, 15, 16, 36, 66]);
  assert.deepEqual([...index().seq], [1, 2, 3, 4, 5]);
});

test("an answer's span ends at the event, another one's begins there", () => {
  assert.deepEqual(index().span(1), [15 - 30.8, 15]);
  assert.deepEqual(index().span(2), [16, 21]);
  assert.deepEqual(index().span(3), [36, 36]);
});

test("a seq finds its row, and an unknown one does not", () => {
  assert.equal(index().timeOf(3), 16);
  assert.equal(index().timeOf(99), null);
});

test("the nearest event of a ribbon prefers the error and respects the tolerance", () => {
  assert.equal(index().nearest("network", 12, 5), 1);
  assert.equal(index().nearest("network", 10, 1), 0);
  assert.equal(index().nearest("agent", 10, 50), null);
});

test("pictures and snapshots are those of the moment", () => {
  assert.equal(index().frameAt(70), 5);
  assert.equal(index().frameAt(0), null, "no picture of a later moment");
  assert.equal(index().snapshotAt({ ts: 40, seq: null, step: 1 }, false)?.seq, 4);
  assert.equal(index().snapshotAt({ ts: 0, seq: 4, step: 1 }, false)?.seq, 4);
  assert.equal(index().errorFrom(-1, 1), 1);
  assert.equal(index().errorFrom(1, 1), null);
  assert.equal(index().errorFrom(4, -1), 1);
});

test("the film goes from picture to picture, past those of one moment", () => {
  const film = new TraceIndex({
    ...plain(), kind: [4, 4, 4, 3, 4], ts: [100, 50, 0, 50, 100], snapshots: [[4, "after", "", 0]],
  });
  assert.equal(film.frameFrom(10, 1), 2);
  assert.equal(film.frameFrom(15, 1), 5, "2 and 3 are of one moment");
  assert.equal(film.frameFrom(30, -1), 3);
  assert.equal(film.frameFrom(10, -1), null);
  assert.equal(film.frameFrom(30, 1), null);
  assert.deepEqual([...film.phasesOf(0).keys()], ["after"]);
});

test("where a moment ends its step, the step's closing snapshot is shown", () => {
  const json = { ...plain(), snapshots: /** @type {[number, string, string, number][]} */ ([[1, "before", "", 0], [4, "after", "", 0]]) };
  const two = new TraceIndex(json);
  assert.equal(two.snapshotAt({ ts: 16, seq: 3, step: 1 }, false)?.seq, 1);
  assert.equal(two.snapshotAt({ ts: 16, seq: 3, step: 1 }, true)?.seq, 4);
  assert.equal(two.snapshotAt({ ts: 16, seq: 3, step: 2 }, true)?.seq, 1);
});

test("a partial index takes in the events of a stretch and stays in order", () => {
  const partial = new TraceIndex({ ...plain(), partial: true });
  assert.equal(partial.covers(0, 20), false);
  partial.add([[9, 15.5, 2, 1, 2], [2, 15, 1, 1, 2]]);
  partial.whole.push([10, 20]);
  assert.deepEqual([...partial.seq], [1, 2, 9, 3, 4, 5]);
  assert.deepEqual(partial.span(partial.rowOf(2)), [15 - 30.8, 15], "how long it took stays with its seq");
  assert.deepEqual(partial.errors, [1, 2]);
  assert.equal(partial.frameAt(70), 5);
  assert.equal(partial.covers(11, 20), true);
  assert.equal(partial.covers(11, 21), false);
});

test("every kind belongs to a ribbon", () => {
  const kinds = ["page.error", "app.log", "dom.dialog", "clone.state", "step.end", "video.frame", "network.failed"];
  assert.deepEqual(kinds.map(ribbonOf), ["console", "console", "dom", "agent", "agent", "video", "network"]);
});

test("lastAtMost finds the last position", () => {
  assert.equal(lastAtMost([1, 2, 2, 5], 2), 2);
  assert.equal(lastAtMost([1], 0), -1);
  assert.equal(lastAtMost([], 0), -1);
});
