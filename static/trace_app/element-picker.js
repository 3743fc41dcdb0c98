/**
 * The elements of the snapshot on the stage: a list from the server beside it. What is picked stays picked from snapshot
 * to snapshot, is marked in the page and shows its attributes and its history. Nothing runs inside the page itself.
 */

import { Partial } from "./partial.js";

/** @import { SnapshotView } from "./snapshot-view.js" */

const SETTLE_MS = 150;

export class ElementPicker {
  /**
   * @param {HTMLElement} pane
   * @param {HTMLElement} button opens and closes it
   * @param {SnapshotView} view
   */
  constructor(pane, button, view) {
    this.pane = pane;
    this.button = button;
    this.view = view;
    this.content = new Partial(pane);
    this.find = new URLSearchParams(window.location.search).get("element") ?? "";
    /** What the pane shows. */
    this.shown = "";
    /** @type {number | undefined} */
    this.timer = undefined;
    pane.addEventListener("click", (event) => this.onClick(event));
    pane.addEventListener("input", (event) => this.onInput(event));
    pane.addEventListener("submit", (event) => event.preventDefault());
    view.changed.add(() => this.follow());
  }

  /** @param {string} [key] what is picked when it opens */
  toggle(key = "") {
    this.pane.hidden = !this.pane.hidden;
    this.button.setAttribute("aria-expanded", String(!this.pane.hidden));
    this.view.fit();
    this.pick(this.pane.hidden ? "" : key);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const link = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-pick]"));
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.pick(link.dataset["pick"] ?? "");
  }

  /** @param {Event} event */
  onInput(event) {
    this.find = /** @type {HTMLInputElement} */ (event.target).value;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.pick(this.view.picked), SETTLE_MS);
  }

  /** @param {string} key empty lets go */
  pick(key) {
    this.view.pick(key);
    const address = new URL(window.location.href);
    for (const [name, value] of Object.entries({ pick: key, element: this.find })) {
      if (this.pane.hidden || (name === "element" && !value)) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    window.history.replaceState(null, "", address);
    this.follow();
  }

  /** The list is of the snapshot on the stage, never of one that has gone. */
  follow() {
    const { shown, wanted, picked } = this.view;
    if (this.pane.hidden || shown === null || shown !== wanted) return;
    const query = new URLSearchParams({ find: this.find, pick: picked });
    const url = `${this.view.urlOf(shown)}/elements?${query}`;
    if (url === this.shown) return;
    this.shown = url;
    void this.content.load(url);
  }
}
