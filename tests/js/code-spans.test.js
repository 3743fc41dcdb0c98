import assert from "node:assert/strict";
import { test } from "node:test";

import { codePieces } from "../../static/trace_app/code-spans.js";

test("what stands between backticks is code, markup in it stays text", () => {
  assert.deepEqual(codePieces("navigate `/<b>` twice"), [
    { code: false, text: "navigate " },
    { code: true, text: "/<b>" },
    { code: false, text: " twice" },
  ]);
});

test("a backtick without a partner is text", () => {
  assert.deepEqual(codePieces("it`s"), [{ code: false, text: "it`s" }]);
  assert.deepEqual(codePieces(""), []);
});
