/** The two cursors A and B on the ribbons; with both set, the Delta panel shows what changed between them. */

import { announce } from "./page.js";

/** @import { Ribbons } from "./ribbons.js" */
/** @typedef {"a" | "b"} Name */

const NAMES = /** @type {const} */ (["a", "b"]);

export class Cursors {
  /**
   * @param {Ribbons} ribbons
   * @param {() => void} compare shows the panel, once both are set
   */
  constructor(ribbons, compare) {
    this.ribbons = ribbons;
    this.compare = compare;
    /** @type {Record<Name, HTMLElement>} */
    this.flags = { a: this.flag("A"), b: this.flag("B") };
    ribbons.drawn.add(() => this.place());
  }

  /** @param {string} text */
  flag(text) {
    const flag = document.createElement("i");
    flag.className = "cursor-flag";
    flag.textContent = text;
    flag.hidden = true;
    flag.setAttribute("aria-hidden", "true");
    this.ribbons.host.append(flag);
    return flag;
  }

  /** The event a cursor stands at, as the address has it. @param {Name} name @returns {number | null} */
  seq(name) {
    const text = new URLSearchParams(window.location.search).get(name) ?? "";
    return /^[0-9]{1,16}$/.test(text) ? Number(text) : null;
  }

  get seqs() {
    return NAMES.map((name) => this.seq(name)).filter((seq) => seq !== null);
  }

  /** Sets a cursor at the playhead. @param {Name} name */
  set(name) {
    const { seq } = this.ribbons.playhead.moment;
    if (seq === null) return;
    const address = new URL(window.location.href);
    address.searchParams.set(name, String(seq));
    window.history.replaceState(null, "", address);
    this.place();
    const both = NAMES.every((one) => this.seq(one) !== null);
    announce(`Cursor ${name.toUpperCase()} is at event ${seq}.${both ? "" : " Set the other one to compare."}`);
    if (both) this.compare();
  }

  place() {
    const { scale, playhead } = this.ribbons;
    for (const name of NAMES) {
      const seq = this.seq(name);
      const ts = seq === null ? null : playhead.timeOf(seq);
      const x = ts === null ? -1 : scale.x(ts);
      this.flags[name].hidden = x < 0 || x > scale.width;
      this.flags[name].style.left = `${x}px`;
    }
  }
}
