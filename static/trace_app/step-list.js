/**
 * The steps at the left. A long run has a page of them in the document; the page with another step is fetched when the
 * playhead comes to it.
 */

/** @import { Playhead } from "./playhead.js" */

const SETTLE_MS = 150;

export class StepList {
  /**
   * @param {HTMLElement} root
   * @param {Playhead} playhead
   */
  constructor(root, playhead) {
    this.root = root;
    this.playhead = playhead;
    this.lines = /** @type {HTMLElement} */ (root.querySelector("#step-lines"));
    /** @type {HTMLElement | null} */
    this.current = null;
    /** @type {number | undefined} */
    this.timer = undefined;
    this.lines.addEventListener("htmx:afterSettle", () => this.mark(playhead.moment.step));
    this.current = /** @type {HTMLElement | null} */ (root.querySelector("a[aria-current]"));
    this.current?.scrollIntoView({ block: "nearest" });
  }

  /** Marks the step of the moment and keeps it in sight. @param {number | null} number */
  mark(number) {
    window.clearTimeout(this.timer);
    if (this.current?.isConnected && this.current.dataset["step"] === String(number)) return;
    this.current?.removeAttribute("aria-current");
    this.current = /** @type {HTMLElement | null} */ (number === null ? null : this.lines.querySelector(`a[data-step="${number}"]`));
    this.current?.setAttribute("aria-current", "step");
    this.current?.scrollIntoView({ block: "nearest" });
    if (this.current || number === null || !this.lines.querySelector(".more")) return;
    this.timer = window.setTimeout(() => this.load(number), SETTLE_MS);
  }

  /** Fetches the page of steps with this one. @param {number} number */
  load(number) {
    const htmx = /** @type {any} */ (window).htmx;
    const url = `${this.root.dataset["stepsUrl"]}?around=${number}`;
    htmx?.ajax("GET", url, { source: this.lines, target: this.lines, swap: "innerHTML" });
  }
}
