/** Starts the trace page once its ribbons are drawn: ties playhead, ribbons, stage, panels and keys. */

import { Cursors } from "./cursors.js";
import { clock, joinedText } from "./density.js";
import { closeModal, openModal, openTemplate } from "./dialog.js";
import { hoverCard } from "./hover-card.js";
import { Intro } from "./intro.js";
import { Minimap } from "./minimap.js";
import { find, page, playhead, ribbons } from "./opening.js";
import { announce, toast } from "./page.js";
import { Panels } from "./panels.js";
import { commandOf, readAddress, writeAddress } from "./playhead.js";
import { RangeBand } from "./range-band.js";
import { Range, readRange } from "./range.js";
import { Stage } from "./stage.js";
import { StepList } from "./step-list.js";
import { TraceIndex } from "./trace-index.js";
import { ViewAddress } from "./view-address.js";

const stage = new Stage(find(".view"), playhead);
const range = new Range(playhead.duration, readRange(window.location.search));
const band = new RangeBand(ribbons, range, find("#range"));
const panels = new Panels(find(".insp"), playhead, range);
const cursors = new Cursors(ribbons, () => panels.choose("delta"));
const stepList = new StepList(find(".steps"), playhead);
const view = new ViewAddress(ribbons, find(".lane-names"));
const followButton = /** @type {HTMLElement | null} */ (page.querySelector("#follow"));
const live = followButton ? await liveRun(followButton) : null;
const intro = new Intro(find("#intro"));
const minimap = new Minimap(find("#minimap"), ribbons, range);

/** @type {Promise<import("./close-up.js").CloseUp> | undefined} */
let closely;

/** Single events are looked at closely under the pointer, and in very long runs. */
function closeUp() {
  closely ??= import("./close-up.js").then(({ CloseUp }) => (
    new CloseUp(ribbons, page.dataset["marksUrl"] ?? "", page.dataset["rowsUrl"] ?? "")));
  return closely;
}

ribbons.card = hoverCard(ribbons.host);
ribbons.hovered = (seq) => void closeUp().then((one) => one.hover(seq));
playhead.missing = (seq) => void closeUp().then((one) => one.seek(seq));
// What is set in a tab may move the cursors.
panels.panel.addEventListener("htmx:afterSettle", () => ribbons.schedule());

/** @type {number | undefined} */
let addressTimer;

playhead.subscribe((moment) => {
  find("#clock").textContent = clock(moment.ts);
  const parts = [moment.step === null ? "" : `step ${moment.step}`, moment.seq === null ? "" : `seq ${moment.seq}`];
  find("#evidence").textContent = parts.filter(Boolean).join(" · ");
  const copyLink = /** @type {HTMLAnchorElement} */ (find("#copy-evidence"));
  copyLink.hidden = moment.seq === null;
  copyLink.href = (copyLink.dataset["url"] ?? "").replace(/0$/, String(moment.seq ?? 0));
  find("#joined").textContent = joinedText(ribbons.groups, moment.ts);
  stepList.mark(moment.step);
  window.clearTimeout(addressTimer);
  addressTimer = window.setTimeout(() => {
    // The end of a run that goes on is no moment to come back to.
    const lasting = live?.following ? { ts: 0, seq: null, step: null } : playhead.moment;
    const address = writeAddress(lasting, window.location.search);
    window.history.replaceState(null, "", address);
  }, 150);
});

/** @param {number} before */
function play(before) {
  requestAnimationFrame((now) => {
    playhead.advance(now - before);
    if (playhead.playing) play(now);
    else showPlaying();
  });
}

function showPlaying() {
  const button = find("#play");
  button.setAttribute("aria-pressed", String(playhead.playing));
  button.setAttribute("aria-label", playhead.playing ? "Pause" : "Play");
}

function togglePlay() {
  if (playhead.toggle()) play(performance.now());
  showPlaying();
}

/** @param {1 | -1} direction */
function moveError(direction) {
  if (!playhead.moveError(direction)) announce(direction > 0 ? "No later error." : "No earlier error.");
}

/** @param {1 | -1} direction */
function moveEvent(direction) {
  if (playhead.index?.partial) void closeUp().then((one) => one.move(direction, view.lane));
  else playhead.moveEvent(direction, view.lane);
}

const PAN_PIXELS = 240;

/** @type {Record<string, () => void>} */
const COMMANDS = {
  "next-step": () => playhead.moveStep(1),
  "previous-step": () => playhead.moveStep(-1),
  "next-event": () => moveEvent(1),
  "previous-event": () => moveEvent(-1),
  "next-error": () => moveError(1),
  "previous-error": () => moveError(-1),
  play: togglePlay,
  pin: () => find("#pin button")?.click(),
  debugger: () => { if (page.querySelector("a[data-tab=debugger]")) panels.choose("debugger"); },
  replay: () => replay(),
  search: () => undefined,
  "next-frame": () => moveFrame(1),
  "previous-frame": () => moveFrame(-1),
  "phase-before": () => stage.toPhase("before"),
  "phase-action": () => stage.toPhase("action"),
  "phase-after": () => stage.toPhase("after"),
  elements: () => { if (stage.mode !== "dom") stage.choose("dom"); void stage.toggleElements(); },
  "pan-left": () => ribbons.pan(-PAN_PIXELS),
  "pan-right": () => ribbons.pan(PAN_PIXELS),
  help: () => openTemplate(/** @type {HTMLTemplateElement} */ (document.getElementById("keys-help"))),
  fit: () => { ribbons.scale.fit(); ribbons.schedule(); },
  follow: () => live?.follow(true),
  intro: () => { closeModal(); intro.open(); },
  "close-intro": () => intro.close(),
  "set-a": () => cursors.set("a"),
  "set-b": () => cursors.set("b"),
  copy: () => find("#copy-evidence:not([hidden])")?.click(),
  "zoom-in": () => zoom(0.6),
  "zoom-out": () => zoom(1 / 0.6),
  "select-step": () => band.selectStep(),
  "clear-range": () => range.clear(),
  "zoom-range": () => band.zoom(),
};

/** @param {number} factor */
function zoom(factor) {
  ribbons.scale.zoom(factor, ribbons.scale.x(playhead.moment.ts));
  ribbons.schedule();
}

/** @param {1 | -1} direction */
function moveFrame(direction) {
  if (!stage.stepFrame(direction)) announce(direction > 0 ? "No later frame." : "No earlier frame.");
}

find("#speed").addEventListener("change", (event) => {
  playhead.speed = Number(/** @type {HTMLSelectElement} */ (event.target).value) || 1;
});

function replay() {
  const link = /** @type {HTMLAnchorElement | null} */ (page.querySelector("a[data-command='replay']"));
  if (link) void openModal(link.href);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const command = commandOf(event, /** @type {HTMLElement} */ (event.target));
  if (!command || command === "search") return;
  event.preventDefault();
  COMMANDS[command]?.();
});

page.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const target = /** @type {Element} */ (event.target);
  const button = /** @type {HTMLElement | null} */ (target.closest("button[data-command], #range [data-command]"));
  const act = COMMANDS[button?.dataset["command"] ?? ""];
  if (act) {
    event.preventDefault();
    act();
    return;
  }
  const step = /** @type {HTMLElement | null} */ (target.closest("a[data-step]"));
  const tab = /** @type {HTMLElement | null} */ (target.closest("a[data-open-tab]"));
  if (tab) {
    event.preventDefault();
    panels.choose(tab.dataset["openTab"] ?? "overview");
    return;
  }
  const cited = citedSeq(target);
  if (!step && cited === null) return;
  event.preventDefault();
  if (step) playhead.seekStep(Number(step.dataset["step"]));
  else playhead.seekSeq(/** @type {number} */ (cited));
});

/** The event a click asks for: a citation, or a list's row outside its own links. @param {Element} target */
function citedSeq(target) {
  const cite = /** @type {HTMLElement | null} */ (target.closest("[data-seq]"));
  if (cite && !cite.dataset["trace"]) return Number(cite.dataset["seq"]);
  const row = /** @type {HTMLElement | null} */ (target.closest("[data-row-seq]"));
  if (!row || target.closest("a, button, summary, details, input")) return null;
  return Number(row.dataset["endSeq"] || row.dataset["rowSeq"]);
}

window.addEventListener("hashchange", () => {
  const { seq } = readAddress(window.location.search, window.location.hash);
  if (seq !== null && seq !== playhead.moment.seq) playhead.seekSeq(seq);
});

/** Only a run that goes on needs what follows it. @param {HTMLElement} button */
async function liveRun(button) {
  const { Live } = await import("./live.js");
  return new Live(button, { playhead, ribbons, panels, steps: stepList });
}

/** Fetches the index; without it the page still shows steps, density and errors. */
async function loadIndex() {
  if ("cold" in page.dataset) {
    page.dataset["ready"] = "true";
    return;
  }
  try {
    const answer = await fetch(page.dataset["indexUrl"] ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    playhead.setIndex(new TraceIndex(await answer.json()));
    if (playhead.index?.partial) void closeUp().then((one) => cursors.seqs.forEach((seq) => void one.list(seq)));
    view.restore();
    ribbons.schedule();
    live?.start();
    page.dataset["ready"] = "true";
  } catch (error) {
    toast("The event index could not be loaded: steps and errors work, single events do not.", "fail");
    throw error;
  }
}

for (const reaching of ["pointerover", "focusin", "pointerdown"]) {
  find(".steps").addEventListener(reaching, (event) => {
    const link = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("a[data-step]"));
    const step = Number(link?.dataset["step"]);
    // Whoever presses will let go: the snapshot is fetched meanwhile.
    if (link && reaching === "pointerdown") stage.fetchStep(step);
    else if (link) stage.expectStep(step);
  });
}

// First what can be seen: the index is asked for once the ribbons are drawn.
requestAnimationFrame(() => window.setTimeout(loadIndex));
void minimap;
