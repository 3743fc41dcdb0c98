/** Gives every `pre[data-copy-code]` a button that copies its text. Without script the text is selected by hand. */

import { toast } from "./page.js";

/** @param {HTMLElement} code */
function select(code) {
  const range = document.createRange();
  range.selectNodeContents(code);
  const selection = window.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

/** Browsers hand out the clipboard on https and on this machine only. @param {HTMLElement} code */
async function copy(code) {
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    toast("Copied.", "pass");
  } catch {
    select(code);
    toast("The browser did not allow copying; the lines are selected instead.", "fail");
  }
}

for (const code of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("pre[data-copy-code]"))) {
  const box = document.createElement("div");
  box.className = "copied-code";
  code.replaceWith(box);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-small";
  button.textContent = "Copy";
  const heading = box.closest("section")?.querySelector("h2") ?? document.createElement("h2");
  button.setAttribute("aria-label", `Copy: ${heading.textContent?.trim() || "these lines"}`);
  button.addEventListener("click", () => void copy(code));
  // What scrolls must be reachable by keyboard.
  code.tabIndex = 0;
  box.append(code, button);
}
