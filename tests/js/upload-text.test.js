import assert from "node:assert/strict";
import { test } from "node:test";
import { problemText, sizeText } from "../../static/trace_app/upload-text.js";

test("sizes have at most two figures behind small numbers", () => {
  assert.equal(sizeText(0), "0 B");
  assert.equal(sizeText(999), "999 B");
  assert.equal(sizeText(1000), "1.0 kB");
  assert.equal(sizeText(571_234), "571 kB");
  assert.equal(sizeText(2 ** 30), "1.1 GB");
  assert.equal(sizeText(5e12), "5000 GB");
});

test("a refusal names its member and line once", () => {
  const body = { message: "each line must be an object", member: "trace.trace", line: 3 };
  assert.equal(problemText(400, body), "trace.trace, line 3: each line must be an object");
  const named = { message: "run.json: not JSON", member: "run.json" };
  assert.equal(problemText(400, named), "run.json: not JSON");
  assert.equal(problemText(413, { message: "An upload may have 1 GiB." }), "An upload may have 1 GiB.");
});

test("an answer without a message says its status", () => {
  assert.match(problemText(502, {}), /answered 502/);
});
