/**
 * A code editor over `<textarea data-code="PATH">`: colours, undo, search. The textarea stays in its form and holds the
 * text; without this module it is what one writes in. The editor lives in a shadow root, where a strict
 * Content-Security-Policy lets it have its styles.
 */

import { open } from "../vendor/codemirror/codemirror.js";

const THEME = {
  "&": { backgroundColor: "var(--surface)", color: "var(--text)", fontSize: "12.5px", maxHeight: "340px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--text-3)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)" },
};

/** @param {HTMLTextAreaElement} area */
function edit(area) {
  const host = document.createElement("div");
  host.className = "code-editor";
  area.after(host);
  const root = host.attachShadow({ mode: "open" });
  const title = area.labels?.[0];
  const editor = open({
    parent: root,
    root,
    text: area.value,
    path: area.dataset["code"] ?? "",
    label: title?.textContent?.trim() ?? "Text",
    theme: THEME,
    onChange: (text) => {
      area.value = text;
    },
  });
  area.hidden = true;
  title?.addEventListener("click", () => editor.focus());
  // The page's own keys (replay, search, steps) must not hear what is typed; Escape still closes the window.
  host.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") event.stopPropagation();
  });
}

/** Makes editors of the text areas below an element that have none yet. @param {ParentNode} below */
export function editCode(below) {
  for (const area of below.querySelectorAll("textarea[data-code]:not([hidden])")) edit(/** @type {HTMLTextAreaElement} */ (area));
}
