/** The small card over the ribbons that says which event is under the pointer. It only shows; a click selects. */

import { clock } from "./density.js";

/** @import { TraceIndex } from "./trace-index.js" */
/** @typedef {ReturnType<typeof hoverCard>} HoverCard */

/** @param {string} tag @param {string} text @param {string} [className] */
function element(tag, text, className) {
  const node = document.createElement(tag);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

/**
 * Makes the card inside the ribbons' host.
 * @param {HTMLElement} host
 */
export function hoverCard(host) {
  let shown = -1;

  const card = document.createElement("div");
  card.className = "hover-card";
  card.hidden = true;
  card.setAttribute("aria-hidden", "true");
  host.append(card);

  return {
    hide() {
      card.hidden = true;
      shown = -1;
    },

    /** What happened, once the server has told it. @param {number} seq @param {string} text @param {boolean} failed */
    tell(seq, text, failed) {
      if (seq !== shown) return;
      card.querySelector(".card-text")?.remove();
      card.append(element("span", text.replaceAll("`", ""), failed ? "card-text card-error" : "card-text"));
    },

    /** @param {TraceIndex} index @param {number} row @param {number} x */
    show(index, row, x) {
      const seq = index.seq[row] ?? 0;
      shown = seq;
      const lasted = index.durations.get(seq);
      const times = clock(index.ts[row] ?? 0) + (lasted === undefined ? "" : `, took ${clock(Math.abs(lasted))}`);
      const step = index.step[row] ? ` · step ${index.step[row]}` : "";
      card.replaceChildren(
        element("b", index.kindOf(row), "mono"),
        element("span", `seq ${seq} · ${times}${step}`, "muted"),
      );
      const title = index.titles[String(seq)];
      card.hidden = false;
      if (title) this.tell(seq, title, index.level[row] === 2);
      const limit = host.clientWidth - card.offsetWidth - 4;
      card.style.left = `${Math.max(4, Math.min(x + 12, limit))}px`;
    },
  };
}
