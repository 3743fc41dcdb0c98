import assert from "node:assert/strict";
import { test } from "node:test";

import { grownSteps } from "../../static/trace_app/live-steps.js";

test("steps begin, fail and end as their events arrive", () => {
  const first = grownSteps([], [
    { seq: 2, ts: 0, kind: "step.start", step: 1, data: {} },
    { seq: 3, ts: 5, kind: "assertion", step: 1, level: "error", data: {} },
  ]);
  assert.deepEqual(first.map(({ status, failingSeq }) => [status, failingSeq]), [["unfinished", 3]]);
  const second = grownSteps(first, [
    { seq: 4, ts: 9, kind: "step.end", step: 1, level: "error", data: { status: "failed" } },
    { seq: 5, ts: 10, kind: "step.start", step: 2, data: {} },
    { seq: 6, ts: 11, kind: "app.log", data: {} },
  ]);
  assert.deepEqual(second[0], { number: 1, status: "failed", start: 0, end: 9, seqFirst: 2, seqLast: 4, failingSeq: 3 });
  assert.equal(second[1]?.status, "unfinished");
  assert.equal(first[0]?.status, "unfinished", "what was known before is not changed");
});
