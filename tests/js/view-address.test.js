import assert from "node:assert/strict";
import { test } from "node:test";

import { readView, writeView } from "../../static/trace_app/view-address.js";

test("the address holds zoom, lane and a moment between events beside what else is in it", () => {
  const view = { zoom: /** @type {[number, number]} */ ([10.004, 20.567]), lane: /** @type {const} */ ("network"), t: 12.3456 };
  const query = writeView(view, "?step=7&tab=network");
  assert.equal(query, "step=7&tab=network&zoom=10-20.57&lane=network&t=12.35");
  assert.deepEqual(readView(`?${query}`), { zoom: [10, 20.57], lane: "network", t: 12.35 });
  assert.equal(writeView({ zoom: null, lane: null, t: null }, query), "step=7&tab=network");
});

test("what cannot be meant is not read", () => {
  for (const zoom of ["20-10", "1", "a-b", "1-2-3", "-1-2", "1e3-2e3", "10-10"]) {
    assert.equal(readView(`?zoom=${zoom}`).zoom, null, zoom);
  }
  assert.deepEqual(readView("?lane=sound&t=-4"), { zoom: null, lane: null, t: null });
});
