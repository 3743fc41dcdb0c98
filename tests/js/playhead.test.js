import assert from "node:assert/strict";
import { test } from "node:test";

import { Playhead, commandOf, readAddress, readSteps, writeAddress } from "../../static/trace_app/playhead.js";
import { TraceIndex } from "../../static/trace_app/trace-index.js";

const record = {
  duration: 3000,
  steps: [
    { number: 1, status: "passed", start: 0, end: 900, seqFirst: 1, seqLast: 4, failingSeq: null },
    { number: 2, status: "failed", start: 1000, end: 2500, seqFirst: 5, seqLast: 9, failingSeq: 7 },
    { number: 3, status: "skipped", start: null, end: null, seqFirst: null, seqLast: null, failingSeq: null },
  ],
  ticks: [{ seq: 7, ts: 2000, ribbon: "network", step: 2 }],
};

/** @returns {import("../../static/trace_app/trace-index.js").IndexJson} */
const indexJson = () => ({
  kinds: ["step.start", "video.frame", "network.response", "step.end", "dom.snapshot"],
  seq: [1, 1, 2, 1, 2, 2],
  ts: [0, 1000, 8000, 1000, 10000, 5000],
  kind: [0, 1, 3, 0, 2, 3],
  step: [1, 1, 1, 2, 2, 2],
  level: "000020",
  dur: [[4, 30]],
  titles: { 7: "POST /webhook → 404" },
  snapshots: [],
  partial: false,
});

test("the index brings the steps that the page left out", () => {
  const playhead = new Playhead({ ...record, steps: record.steps.slice(1, 2), leadIn: 5 });
  assert.equal(playhead.leadIn, 5);
  playhead.seekStep(1);
  assert.equal(playhead.moment.step, 2, "a step that is not known yet moves nothing");
  playhead.setIndex(new TraceIndex({ ...indexJson(), steps: [[1, "passed", 0, 900, 1, 4, null]] }));
  assert.deepEqual(playhead.steps, readSteps([[1, "passed", 0, 900, 1, 4, null]]));
  playhead.seekStep(1);
  assert.equal(playhead.moment.step, 1);
});

test("a step opens at its failure, another one at its end", () => {
  const playhead = new Playhead(record);
  playhead.seekStep(2);
  assert.deepEqual(playhead.moment, { ts: 2000, seq: 7, step: 2 });
  playhead.seekStep(1);
  assert.deepEqual(playhead.moment, { ts: 900, seq: 4, step: 1 });
  playhead.seekStep(3);
  assert.equal(playhead.moment.step, 3);
  playhead.seekStep(99);
  assert.equal(playhead.moment.step, 3);
});

test("every listener sees every moment, the first at once", () => {
  const playhead = new Playhead(record);
  /** @type {number[]} */
  const seen = [];
  const stop = playhead.subscribe((moment) => seen.push(moment.ts));
  playhead.seek(1500);
  stop();
  playhead.seek(1600);
  assert.deepEqual(seen, [0, 1500]);
});

test("a time stays inside the trace and names the last event before it", () => {
  const playhead = new Playhead(record);
  playhead.setIndex(new TraceIndex(indexJson()));
  playhead.seek(1500);
  assert.deepEqual(playhead.moment, { ts: 1500, seq: 5, step: 2 });
  playhead.seek(9e9);
  assert.equal(playhead.moment.ts, 3000);
  playhead.seek(-5);
  assert.equal(playhead.moment.ts, 0);
});

test("events, errors and steps are reached one by one", () => {
  const playhead = new Playhead(record);
  playhead.setIndex(new TraceIndex(indexJson()));
  playhead.seek(0);
  playhead.moveEvent(1);
  assert.equal(playhead.moment.seq, 2);
  assert.equal(playhead.moveError(1), true);
  assert.equal(playhead.moment.seq, 7);
  assert.equal(playhead.moveError(1), false);
  playhead.moveStep(-1);
  assert.equal(playhead.moment.step, 1);
  playhead.moveStep(-1);
  assert.equal(playhead.moment.step, 1);
});

test("a moment asked for by seq becomes exact when the index arrives", () => {
  const playhead = new Playhead(record);
  playhead.seekSeq(5);
  assert.equal(playhead.moment.seq, 5);
  playhead.setIndex(new TraceIndex(indexJson()));
  assert.deepEqual(playhead.moment, { ts: 1000, seq: 5, step: 2 });
});

test("playing advances by the clock and stops at the end", () => {
  const playhead = new Playhead(record);
  playhead.seek(2900);
  assert.equal(playhead.toggle(), true);
  playhead.advance(50);
  assert.equal(playhead.moment.ts, 2950);
  playhead.advance(500);
  assert.equal(playhead.playing, false);
  playhead.toggle();
  assert.equal(playhead.moment.ts, 0);
});

test("a step ends at its failure and at its last event", () => {
  const playhead = new Playhead(record);
  assert.equal(playhead.endsStep({ ts: 2000, seq: 7, step: 2 }), true);
  assert.equal(playhead.endsStep({ ts: 2500, seq: 9, step: 2 }), true);
  assert.equal(playhead.endsStep({ ts: 2000, seq: 6, step: 2 }), false);
  assert.equal(playhead.endsStep({ ts: 0, seq: null, step: null }), false);
});

test("the address holds the evidence and survives a round trip", () => {
  const text = writeAddress({ ts: 1, seq: 214, step: 7 }, "?tab=network&step=3");
  assert.equal(text, "?tab=network&step=7#seq=214");
  assert.deepEqual(readAddress("?tab=network&step=7", "#seq=214"), { step: 7, seq: 214, tab: "network" });
  assert.deepEqual(readAddress("?step=-1", "#seq=x"), { step: null, seq: null, tab: null });
  assert.equal(writeAddress({ ts: 0, seq: null, step: null }, "?step=7"), "?");
});

test("keys mean commands, but never inside a field or with a modifier", () => {
  assert.equal(commandOf({ key: "J" }, { tagName: "BODY" }), "next-step");
  assert.equal(commandOf({ key: "]" }, null), "next-error");
  assert.equal(commandOf({ key: "j" }, { tagName: "input" }), null);
  assert.equal(commandOf({ key: "r", ctrlKey: true }, null), null);
  assert.equal(commandOf({ key: " " }, { tagName: "BUTTON" }), null);
  assert.equal(commandOf({ key: "Enter" }, null), null);
});

test("a step has ended by its failure, by its end, and not before", () => {
  const playhead = new Playhead(record);
  assert.equal(playhead.hasEnded({ ts: 0, seq: null, step: 2 }), true, "nothing is known before the index");
  playhead.setIndex(new TraceIndex(indexJson()));
  const at = (/** @type {number} */ ts, /** @type {number | null} */ seq, /** @type {number} */ step) => playhead.hasEnded({ ts, seq, step });
  assert.equal(at(500, null, 1), false);
  assert.equal(at(900, 4, 1), true);
  assert.equal(at(950, null, 1), true, "between its end and the next step");
  assert.equal(at(1500, null, 2), false);
  assert.equal(at(2000, 7, 2), true);
  assert.equal(at(2200, null, 2), true, "what failed is over");
  assert.equal(at(2200, null, 3), false, "a step that never ran keeps nothing");
});

test("an event that the index of a very long run leaves out is asked for", () => {
  const playhead = new Playhead(record);
  /** @type {number[]} */
  const asked = [];
  playhead.missing = (seq) => asked.push(seq);
  playhead.setIndex(new TraceIndex({ ...indexJson(), partial: true }));
  const before = playhead.moment;
  playhead.seekSeq(6);
  assert.deepEqual(asked, [6]);
  assert.equal(playhead.moment, before, "until it is there the moment stays");
  playhead.index?.add([[6, 1900.5, 0, 2, 0]]);
  playhead.seekSeq(6);
  assert.deepEqual(playhead.moment, { ts: 1900.5, seq: 6, step: 2 });
});
