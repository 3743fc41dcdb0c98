/**
 * The middle of the trace page: the video frame, the DOM snapshot or the source at the playhead's moment.
 * Chooses which of the three is seen; each draws itself.
 */

import { clock } from "./density.js";
import { FrameView } from "./frame-view.js";
import { Partial } from "./partial.js";
import { SnapshotView } from "./snapshot-view.js";

/** @import { Playhead, Moment } from "./playhead.js" */
/** @typedef {"video" | "dom" | "source"} Mode */

/** A pointer that only passes over steps loads nothing; a hand that rests on one does. */
const HOVER_MS = 60;
/** Then the step after the one shown is loaded: most people go on. */
const REST_MS = 400;

export class Stage {
  /**
   * @param {HTMLElement} root the `.view` section
   * @param {Playhead} playhead
   */
  constructor(root, playhead) {
    this.root = root;
    this.playhead = playhead;
    this.caption = /** @type {HTMLElement} */ (root.querySelector("#stage-caption"));
    this.mode = /** @type {Mode} */ (root.dataset["mode"] ?? "dom");
    this.video = new FrameView(root);
    this.dom = new SnapshotView(root);
    const find = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (root.querySelector(selector));
    const elements = { pane: find("#elements"), button: find("#elements-toggle") };
    elements.button.addEventListener("click", () => void this.toggleElements());
    // Few visits look at single elements.
    this.loadPicker = async () => {
      const { ElementPicker } = await import("./element-picker.js");
      return new ElementPicker(elements.pane, elements.button, this.dom);
    };
    /** @type {Promise<import("./element-picker.js").ElementPicker> | null} */
    this.picker = null;
    const picked = new URLSearchParams(window.location.search).get("pick");
    if (picked !== null) void this.toggleElements(picked);
    this.source = new Partial(/** @type {HTMLElement} */ (this.root.querySelector("#source")));
    this.source.target.addEventListener("htmx:afterSettle", () => {
      this.source.target.querySelector(".here")?.scrollIntoView({ block: "center" });
    });
    this.sourceStep = root.querySelector("#source [data-step-shown]") ? playhead.moment.step : null;
    for (const link of root.querySelectorAll("a[data-mode]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.choose(/** @type {Mode} */ (/** @type {HTMLElement} */ (link).dataset["mode"]));
      });
    }
    for (const button of root.querySelectorAll("button[data-phase]")) {
      button.addEventListener("click", () => this.toPhase(/** @type {HTMLElement} */ (button).dataset["phase"] ?? ""));
    }
    /** @type {number | undefined} */
    this.timer = undefined;
    playhead.subscribe((moment) => this.show(moment));
  }

  /** Opens or closes the list of the page's elements. @param {string} [key] the one to pick */
  async toggleElements(key) {
    this.picker ??= this.loadPicker();
    (await this.picker).toggle(key);
  }

  /** Loads after a while what a move to this step would show. @param {number} number @param {number} after ms */
  expectStep(number, after = HOVER_MS) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.fetchStep(number), after);
  }

  /** Loads what a move to this step would show, so that the move need not wait. @param {number} number */
  fetchStep(number) {
    const { index } = this.playhead;
    const moment = this.playhead.momentOf(number);
    const snapshot = moment && index?.snapshotAt(moment, this.playhead.endsStep(moment));
    if (this.mode === "dom" && snapshot) this.dom.expect(snapshot.seq);
  }

  /** @param {Mode} mode */
  choose(mode) {
    this.mode = mode;
    this.root.dataset["mode"] = mode;
    for (const link of this.root.querySelectorAll("a[data-mode]")) {
      if (/** @type {HTMLElement} */ (link).dataset["mode"] === mode) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    const address = new URL(window.location.href);
    address.searchParams.set("mode", mode);
    window.history.replaceState(null, "", address);
    this.show(this.playhead.moment);
    this.dom.fit();
  }

  /** @param {Moment} moment */
  show(moment) {
    if (this.mode === "video") this.showFrame(moment);
    else if (this.mode === "dom") this.showSnapshot(moment);
    else this.showSource(moment);
  }

  /** @param {Moment} moment */
  showFrame(moment) {
    const { index } = this.playhead;
    if (!index) return;
    const seq = index.frameAt(moment.ts);
    const next = index.frameFrom(moment.ts, 1);
    this.video.show(seq, next);
    this.tell(seq === null ? this.nothing("frame", index.frameTimes[0]) : `frame ${clock(index.timeOf(seq) ?? 0)}`);
  }

  /** @param {Moment} moment */
  showSnapshot(moment) {
    const { index } = this.playhead;
    if (!index) return;
    const shown = index.snapshotAt(moment, this.playhead.endsStep(moment));
    this.dom.show(shown);
    if (!this.playhead.playing) this.expectStep((moment.step ?? 0) + 1, REST_MS);
    const phases = shown ? index.phasesOf(shown.call) : new Map();
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (this.root.querySelectorAll("button[data-phase]"))) {
      const phase = button.dataset["phase"] ?? "";
      button.disabled = !phases.has(phase);
      button.setAttribute("aria-pressed", String(phase === shown?.phase));
    }
    if (!shown) this.tell(this.nothing("snapshot", index.snapshotTimes[0]));
    else this.tell(`${clock(shown.ts)}${shown.label ? `: ${shown.label}` : ""}`);
  }

  /** Where the record has no picture yet, the page says so instead of showing another moment's. */
  nothing(/** @type {string} */ what, /** @type {number | undefined} */ first) {
    return first === undefined ? `no ${what} was captured` : `no ${what} yet, the first at ${clock(first)}`;
  }

  /** @param {string} text */
  tell(text) {
    this.caption.textContent = text;
    this.caption.title = text;
  }

  /** The playhead moves to a snapshot of the same call, and with it every panel. @param {string} phase */
  toPhase(phase) {
    const { index, moment } = this.playhead;
    const shown = index?.snapshotAt(moment, this.playhead.endsStep(moment));
    const wanted = shown ? index?.phasesOf(shown.call).get(phase) : undefined;
    if (wanted) this.playhead.seekSeq(wanted.seq);
  }

  /** To the next or previous picture of the film. @param {1 | -1} direction */
  stepFrame(direction) {
    const seq = this.playhead.index?.frameFrom(this.playhead.moment.ts, direction) ?? null;
    if (this.mode !== "video") this.choose("video");
    if (seq !== null) this.playhead.seekSeq(seq);
    return seq !== null;
  }

  /** @param {Moment} moment */
  showSource(moment) {
    this.tell(moment.step === null ? "" : `step ${moment.step}`);
    const step = moment.step ?? 0;
    if (step === this.sourceStep) return;
    this.sourceStep = step;
    void this.source.load(`${this.root.dataset["sourceUrl"]}?step=${step}`);
  }
}
