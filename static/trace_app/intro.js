/** The few sentences for somebody's first visit: shown until they are dismissed, which this browser remembers. */

const KEY = "trace.intro";

/** Storage may be forbidden; then the sentences come again. @returns {string | null} */
function remembered() {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export class Intro {
  /** @param {HTMLElement} card */
  constructor(card) {
    this.card = card;
    // What is made for a frame in another site's page has no room for it; there it comes when asked for.
    card.hidden = remembered() !== null || document.body.className === "embedded";
  }

  open() {
    this.card.hidden = false;
    this.card.querySelector("button")?.focus();
  }

  close() {
    this.card.hidden = true;
    try {
      window.localStorage.setItem(KEY, "seen");
    } catch {
      // Not remembered: nothing else to do.
    }
  }
}
