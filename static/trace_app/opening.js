/**
 * What is drawn first: the playhead at the moment the page opens at, and the ribbons from the bins in the page. The
 * first frame waits for it, so it imports as little as it can; trace.js is fetched after that frame and the first snapshot.
 */

import { readDensity } from "./density.js";
import { Playhead, readAddress, readSteps } from "./playhead.js";
import { Ribbons } from "./ribbons.js";

/** @template T @param {string} id @returns {T} */
function embedded(id) {
  return JSON.parse(document.getElementById(id)?.textContent ?? "null");
}

export const page = /** @type {HTMLElement} */ (document.querySelector(".trace"));
export const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (page.querySelector(selector));

const density = readDensity(embedded("density"));
export const playhead = new Playhead({
  duration: Math.max(density.duration_ms, Number(page.dataset["duration"] ?? 0), 1),
  steps: readSteps(embedded("steps")),
  leadIn: Number(page.dataset["leadIn"] ?? 0),
  ticks: density.ticks,
});

/** Opens at what the address asks for, else at the failure, else at the first step. */
function openAtAddress() {
  const wanted = readAddress(window.location.search, window.location.hash);
  if (wanted.seq !== null) playhead.seekSeq(wanted.seq);
  else if (wanted.step !== null) playhead.seekStep(wanted.step);
  else {
    if (page.dataset["openStep"]) playhead.seekStep(Number(page.dataset["openStep"]));
    // What failed in no step.
    if (page.dataset["openSeq"]) playhead.seekSeq(Number(page.dataset["openSeq"]));
  }
}

openAtAddress();
export const ribbons = new Ribbons(find("#lanes"), playhead, density);

/** How long the rest waits for a snapshot that is slow to come. */
const PATIENCE_MS = 300;

/** The rest of the page. Its modules are asked for together, not one import after another. */
async function goOn() {
  const later = /** @type {HTMLTemplateElement} */ (document.getElementById("later")).content;
  const htmx = /** @type {HTMLScriptElement} */ (later.querySelector("script"));
  const came = new Promise((done) => htmx.addEventListener("load", done, { once: true }));
  document.head.append(later);
  await came;
  // Before the page is complete htmx waits for an event that is over by now.
  if (document.readyState !== "complete") document.dispatchEvent(new Event("DOMContentLoaded"));
  await import("./trace.js");
}

/** Calls back once, when the page is complete, its snapshot included, and has been painted. @param {() => void} next */
function whenShown(next) {
  let waits = true;
  const go = () => {
    if (waits) requestAnimationFrame(() => window.setTimeout(next));
    waits = false;
  };
  if (document.readyState === "complete") go();
  else window.addEventListener("load", go);
  window.setTimeout(go, PATIENCE_MS);
}

// A tab that opens at the back has no frames.
if (document.hidden) void goOn();
else requestAnimationFrame(() => whenShown(() => void goOn()));
