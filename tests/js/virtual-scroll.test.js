import assert from "node:assert/strict";
import { test } from "node:test";

import { VirtualScroll } from "../../static/trace_app/virtual-scroll.js";

/** @param {number} rows */
function list(rows) {
  const scroll = new VirtualScroll(40);
  scroll.rows = rows;
  scroll.view = 400;
  return scroll;
}

test("a short list is as high as its rows and shows those in view with some more", () => {
  const scroll = list(100);
  assert.equal(scroll.height, 4000);
  assert.deepEqual(scroll.seen(0, 2), { first: 0, last: 12 });
  assert.deepEqual(scroll.seen(1000, 2), { first: 23, last: 37 });
  assert.equal(scroll.top(25, 1000), 1000);
});

test("a million rows end at the end of the scrollbar", () => {
  const scroll = list(1_000_000);
  assert.equal(scroll.height, 8_000_000);
  const end = scroll.height - scroll.view;
  assert.deepEqual(scroll.seen(end, 0), { first: 999_990, last: 1_000_000 });
  assert.equal(Math.round(scroll.top(999_999, end)), scroll.height - 40, "the last row ends where the area ends");
});

test("revealing a row scrolls only when it is out of view", () => {
  const scroll = list(1_000_000);
  assert.equal(scroll.reveal(3, 0), null);
  const to = scroll.reveal(500_000, 0) ?? 0;
  const { first, last } = scroll.seen(to, 0);
  assert.ok(first <= 500_000 && 500_000 < last);
});

test("a row that is open pushes those below it down and has to be seen whole", () => {
  const scroll = list(100);
  scroll.open = { row: 3, extra: 30 };
  assert.equal(scroll.height, 4030);
  assert.equal(scroll.top(3, 0), 120);
  assert.equal(scroll.top(4, 0), 190);
  scroll.open = { row: 9, extra: 30 };
  assert.equal(scroll.reveal(8, 0), null);
  assert.notEqual(scroll.reveal(9, 0), null, "its last line is below the view");
});
