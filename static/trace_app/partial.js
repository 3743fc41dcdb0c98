/** Loads the server's partials into a place of the page: the newest request wins, an older one is called off. */

import { toast } from "./page.js";

export class Partial {
  /** @param {HTMLElement} target */
  constructor(target) {
    this.target = target;
    /** @type {AbortController | null} */
    this.running = null;
  }

  /**
   * Puts the answer into the target; tells whether it did.
   * @param {string} url
   */
  async load(url) {
    this.running?.abort();
    const own = new AbortController();
    this.running = own;
    this.target.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal: own.signal, headers: { "HX-Request": "true" } });
      const html = await answer.text();
      if (this.running !== own) return false;
      if (answer.ok && !answer.redirected) this.put(html);
      else toast(answer.redirected ? "You are signed out: load the page again." : `The server answered ${answer.status}.`, "fail");
      return answer.ok;
    } catch {
      if (this.running === own) toast("The server cannot be reached. Try again in a moment.", "fail");
      return false;
    } finally {
      if (this.running === own) {
        this.running = null;
        this.target.removeAttribute("aria-busy");
      }
    }
  }

  /** @param {string} html */
  put(html) {
    const { htmx } = /** @type {any} */ (window);
    htmx.swap(this.target, html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0, ignoreTitle: true });
  }
}
