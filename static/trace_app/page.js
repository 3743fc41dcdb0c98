/** What every page does with script: the window, the account menu, the search key, spoken failures of requests. */

import { startDialogs } from "./dialog.js";

/** Says a sentence to screen readers. @param {string} sentence */
export function announce(sentence) {
  const region = document.getElementById("announce");
  if (region) region.textContent = sentence;
}

/** Shows a sentence that goes away by itself. @param {string} sentence @param {"fail" | "pass"} mood */
export function toast(sentence, mood) {
  document.querySelector(".toast")?.remove();
  const note = document.createElement("p");
  note.className = `notice toast ${mood}`;
  note.setAttribute("role", "status");
  note.textContent = sentence;
  document.body.append(note);
  window.setTimeout(() => note.remove(), 6000);
}

/** @param {Event} event */
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.account[open], details.drop[open]")) {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.removeAttribute("open");
  }
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;
  if (event.key === "Escape") {
    document.querySelectorAll("details.account[open], details.drop[open]").forEach((menu) => menu.removeAttribute("open"));
    if (target.id === "find") target.blur();
  }
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
  const field = document.querySelector("main .search") ?? document.getElementById("find");
  if (!(field instanceof HTMLElement)) return;
  event.preventDefault();
  field.focus();
}

/** A form marked data-auto sends itself when a choice in it changes. @param {Event} event */
function onChange(event) {
  const field = /** @type {HTMLElement} */ (event.target);
  const form = /** @type {HTMLFormElement | null} */ (field.closest("form[data-auto]"));
  if (form && field.tagName === "SELECT") form.requestSubmit();
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied.", "pass");
  } catch {
    toast("The browser did not allow copying.", "fail");
  }
}

/** Copies the text behind a link; without script the link opens it. @param {string} url */
async function copyFrom(url) {
  const answer = await fetch(url);
  if (answer.ok) await copy(await answer.text());
  else toast(`The server answered ${answer.status}. Nothing was copied.`, "fail");
}

/** Where there is code to edit, its editor is fetched; it is larger than all the rest. @param {ParentNode} below */
async function editCode(below) {
  if (!below.querySelector("textarea[data-code]")) return;
  const editor = await import("./code-editor.js");
  editor.editCode(below);
}

startDialogs();
void editCode(document);
document.addEventListener("htmx:load", (event) => void editCode(/** @type {Element} */ (event.target)));
document.addEventListener("click", (event) => {
  closeMenus(event);
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-copy]"));
  // A link to the trace that is being looked at goes with the moment in the address bar.
  const here = button?.hasAttribute("data-copy-here") && document.querySelector(".trace");
  if (button) void copy((button.dataset["copy"] ?? "") + (here ? window.location.search + window.location.hash : ""));
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[data-copy-text]"));
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  void copyFrom(link.href);
});
document.addEventListener("keydown", onKey);
document.addEventListener("change", onChange);
document.addEventListener("htmx:responseError", (event) => {
  const status = /** @type {CustomEvent} */ (event).detail.xhr.status;
  toast(status === 403 ? "Your role does not allow this." : `The server answered ${status}. Nothing was changed.`, "fail");
});
document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. Try again in a moment.", "fail"));
