/** Starts the comparison: one playhead over both runs, their pictures, the differences, the keys and the address. */

import { clock } from "../trace_app/density.js";
import { openTemplate } from "../trace_app/dialog.js";
import { announce, toast } from "../trace_app/page.js";
import { Axis, readCompared } from "./compare-axis.js";
import { compareHover } from "./compare-hover.js";
import { everyPlace, placeOf } from "./compare-marks.js";
import { CompareRibbons, stepLabel } from "./compare-ribbons.js";
import { ComparedSide } from "./compared-side.js";

/** @import { Side } from "./compare-axis.js" */
/** @import { Recorded } from "./compare-ribbons.js" */
/** @import { Difference } from "./compare-marks.js" */

const ADDRESS_MS = 150;
const section = /** @type {HTMLElement} */ (document.getElementById("aligned"));
const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (section.querySelector(selector));
const data = JSON.parse(document.getElementById("compared")?.textContent ?? "null");
const axis = new Axis(data.segments);
const differences = everyPlace(data.marks, axis);
/** @type {Record<Side, Recorded>} */
const runs = { a: { density: data.a.density, index: null }, b: { density: data.b.density, index: null } };
const ribbons = new CompareRibbons(find("#aligned-lanes"), axis, runs, differences, (u) => seek(u));
const sides = {
  a: new ComparedSide(find("figure[data-side=a]")),
  b: new ComparedSide(find("figure[data-side=b]")),
};
/** The exact place; the address holds it, so that a copy opens the same view. */
let here = 0;
let moves = 0;
/** The evidence that was asked for, kept until the playhead moves on. @type {{side: Side, seq: number} | null} */
let asked = null;
/** @type {number | undefined} */
let addressTimer;

/** @param {number} u @param {{side: Side, seq: number} | null} [evidence] */
function seek(u, evidence = null) {
  here = thousandths(Math.min(Math.max(u, 0), axis.length));
  asked = evidence;
  moves += 1;
  const segment = axis.at(here);
  const times = { a: axis.time("a", here), b: axis.time("b", here) };
  const label = stepLabel(segment);
  find("#compare-clock").textContent = label && label !== "before" ? `step ${label}` : label;
  const near = differences.find((mark) => Math.abs((placeOf(mark) ?? -1) - here) < 0.05 && (!lane() || mark.lane === lane()));
  find("#compare-said").textContent = near ? `${near.dimension}: ${near.text}` : segment.title;
  ribbons.show(here, `step ${label}, left ${clock(times.a)}, right ${clock(times.b)}`);
  for (const side of /** @type {const} */ (["a", "b"])) {
    sides[side].show(times[side], segment[side === "a" ? "step_a" : "step_b"], segment[side] !== null);
  }
  markRows(near);
  writeLater();
}

/** Marks the row of the difference under the playhead. @param {Difference | undefined} mark */
function markRows(mark) {
  for (const row of document.querySelectorAll(".compare-row.at")) row.classList.remove("at");
  if (!mark) return;
  const { seq_a: left, seq_b: right } = mark.row;
  const [side, seq] = right === null ? ["a", left] : ["b", right];
  const cite = document.querySelector(`#${mark.dimension} a[data-side="${side}"][data-at-seq="${seq}"]`);
  cite?.closest(".compare-row")?.classList.add("at");
}

/** @param {number} value */
function thousandths(value) {
  return Math.round(value * 1000) / 1000;
}

function lane() {
  return ribbons.lane;
}

/** @param {string | null} name */
function chooseLane(name) {
  ribbons.lane = name;
  for (const button of section.querySelectorAll("button[data-lane]")) {
    button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset["lane"] === name));
  }
  ribbons.schedule();
  writeLater();
}

function writeLater() {
  window.clearTimeout(addressTimer);
  addressTimer = window.setTimeout(() => {
    const query = new URLSearchParams(window.location.search);
    const segment = axis.at(here);
    put(query, "step", segment.step_b ?? segment.step_a);
    put(query, "at", here);
    put(query, "lane", lane());
    const [from, to] = [thousandths(ribbons.scale.from), thousandths(ribbons.scale.to)];
    const whole = from <= 0 && to >= axis.length;
    // What is shown is what the address says, to the digit.
    if (!whole) ribbons.scale.place(from, to - from);
    ribbons.schedule();
    put(query, "zoom", whole ? null : `${from}-${to}`);
    const seq = asked?.seq ?? sides.b.seqAt(axis.time("b", here));
    const hash = seq === null ? "" : asked?.side === "a" ? `#left=${seq}` : `#seq=${seq}`;
    window.history.replaceState(null, "", `?${query}${hash}`);
  }, ADDRESS_MS);
}

/** @param {URLSearchParams} query @param {string} name @param {string | number | null} value */
function put(query, name, value) {
  if (value === null) query.delete(name);
  else query.set(name, String(value));
}

/** Goes to an event of one run. @param {Side} side @param {number} seq */
function seekEvent(side, seq) {
  const known = differences.find((mark) => mark[side === "a" ? "seq_a" : "seq_b"] === seq);
  const u = known?.[side] ?? axis.place(side, sides[side].timeOf(seq) ?? -1);
  if (u === null) announce("This event is not among the compared ones.");
  else seek(u, { side, seq });
}

/** @param {1 | -1} direction */
function moveDifference(direction) {
  const chosen = differences.filter((mark) => mark.listed && (!lane() || mark.lane === lane()));
  const next = direction > 0
    ? chosen.find((mark) => (placeOf(mark) ?? 0) > here + 0.05)
    : chosen.findLast((mark) => (placeOf(mark) ?? 0) < here - 0.05);
  if (next) seek(placeOf(next) ?? 0, next.seq_b === null ? { side: "a", seq: next.seq_a ?? 0 } : { side: "b", seq: next.seq_b });
  else if (!turnPage(direction)) announce(direction > 0 ? "No later difference." : "No earlier difference.");
}

/** Very many differences come page by page: the next one opens at its begin, the one before where one stands. @param {1 | -1} direction */
function turnPage(direction) {
  const link = /** @type {HTMLAnchorElement | null} */ (document.querySelector(`.compare-pages a[rel=${direction > 0 ? "next" : "prev"}]`));
  if (!link) return false;
  const address = new URL(link.href);
  if (direction < 0) address.searchParams.set("at", String(here));
  put(address.searchParams, "lane", lane());
  window.location.assign(address);
  return true;
}

/** @param {1 | -1} direction */
function moveStep(direction) {
  const next = axis.indexAt(here) + direction;
  if (axis.segments[next]) seek(axis.endOf(next));
}

/** @param {number} factor */
function zoom(factor) {
  ribbons.scale.zoom(factor, ribbons.scale.x(here));
  ribbons.schedule();
  writeLater();
}

/** @type {Record<string, () => void>} */
const COMMANDS = {
  "next-difference": () => moveDifference(1),
  "previous-difference": () => moveDifference(-1),
  "next-step": () => moveStep(1),
  "previous-step": () => moveStep(-1),
  "zoom-in": () => zoom(0.6),
  "zoom-out": () => zoom(1 / 0.6),
  fit: () => { ribbons.scale.fit(); ribbons.schedule(); writeLater(); },
  help: () => openTemplate(/** @type {HTMLTemplateElement} */ (document.getElementById("keys-help"))),
};
/** @type {Record<string, string>} */
const KEYS = { j: "next-step", k: "previous-step", n: "next-difference", p: "previous-difference", "]": "next-difference", "[": "previous-difference", "+": "zoom-in", "-": "zoom-out", 0: "fit", "?": "help" };

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || document.querySelector("dialog[open]")) return;
  const command = KEYS[event.key.toLowerCase()];
  if (!command) return;
  event.preventDefault();
  COMMANDS[command]?.();
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = /** @type {Element} */ (event.target);
  const button = /** @type {HTMLElement | null} */ (target.closest("#aligned button"));
  if (button?.dataset["command"]) COMMANDS[button.dataset["command"]]?.();
  if (button?.dataset["lane"]) chooseLane(lane() === button.dataset["lane"] ? null : button.dataset["lane"]);
  const cite = /** @type {HTMLElement | null} */ (target.closest("a[data-at-seq]"));
  if (!cite) return;
  event.preventDefault();
  seekEvent(/** @type {Side} */ (cite.dataset["side"]), Number(cite.dataset["atSeq"]));
  section.scrollIntoView({ block: "start" });
});
find("#aligned-lanes").addEventListener("wheel", () => writeLater());

/** Opens at what the address asks for, else at the first divergence, else at the end. */
function open() {
  const wanted = readCompared(window.location.search, window.location.hash);
  if (wanted.zoom) ribbons.scale.place(wanted.zoom[0] ?? 0, (wanted.zoom[1] ?? 1) - (wanted.zoom[0] ?? 0));
  else ribbons.scale.skipLeadIn(axis.segments.find((segment) => segment.a && segment.b)?.start ?? 0);
  chooseLane(section.querySelector(`button[data-lane="${CSS.escape(wanted.lane ?? "")}"]`) ? wanted.lane : null);
  const evidence = wanted.left !== null ? { side: /** @type {Side} */ ("a"), seq: wanted.left }
    : wanted.right !== null ? { side: /** @type {Side} */ ("b"), seq: wanted.right } : null;
  if (wanted.at !== null) seek(wanted.at, evidence);
  else if (evidence) seekEvent(evidence.side, evidence.seq);
  else if (wanted.step !== null) seek(axis.endOf(axis.segments.findIndex((one) => (one.step_b ?? one.step_a) === wanted.step)));
  else seek(placeOf(differences.find((mark) => (data.continued ? mark.listed : mark.first)) ?? /** @type {any} */ ({})) ?? axis.length);
}

async function load() {
  try {
    const [a, b] = await Promise.all([sides.a.load(), sides.b.load()]);
    runs.a.index = a;
    runs.b.index = b;
  } catch {
    toast("The event indexes could not be loaded: differences and pictures of the start work.", "fail");
  }
  if (moves > opened) seek(here, asked);
  else open();
  section.dataset["ready"] = "true";
}

compareHover(ribbons, differences, sides);
find("canvas").setAttribute("aria-valuemax", String(Math.round(axis.length)));
open();
// Who has moved before the indexes came keeps the place.
const opened = moves;
void load();
