/** What the product needs of CodeMirror 6, as one module: an editor over a text, coloured by the file's name. */

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { css } from "@codemirror/lang-css";
import { html } from "@codemirror/lang-html";
import { javascript } from "@codemirror/lang-javascript";
import { markdown } from "@codemirror/lang-markdown";
import { python } from "@codemirror/lang-python";
import { yaml, yamlFrontmatter } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { diff } from "@codemirror/legacy-modes/mode/diff";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const LANGUAGES = {
  css: css,
  diff: () => StreamLanguage.define(diff),
  html: html,
  js: javascript,
  jsx: () => javascript({ jsx: true }),
  md: () => yamlFrontmatter({ content: markdown() }),
  mjs: javascript,
  patch: () => StreamLanguage.define(diff),
  py: python,
  sh: () => StreamLanguage.define(shell),
  toml: () => StreamLanguage.define(toml),
  ts: () => javascript({ typescript: true }),
  tsx: () => javascript({ jsx: true, typescript: true }),
  yaml: yaml,
  yml: yaml,
};

// As quiet as the diffs that the server colours; the page's own custom properties follow both colour schemes.
const VALUE = "color-mix(in srgb, var(--text) 60%, var(--accent))";
const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.heading], fontWeight: "600" },
  { tag: [tags.string, tags.regexp, tags.monospace, tags.number, tags.bool, tags.null, tags.atom], color: VALUE },
  { tag: [tags.comment, tags.meta], color: "var(--text-3)", fontStyle: "italic" },
  { tag: [tags.tagName, tags.typeName, tags.className, tags.propertyName], color: "var(--text-2)" },
  { tag: tags.inserted, color: "var(--pass)" },
  { tag: tags.deleted, color: "var(--fail)" },
]);

/**
 * Makes an editor in `parent`, which may be a shadow root: there the styles are adopted sheets, which a strict
 * Content-Security-Policy permits. `path` chooses the language, `label` names the editor.
 */
export function open({ parent, root, text, path, label, theme, onChange }) {
  const language = LANGUAGES[path.split(".").pop() ?? ""];
  const extensions = [
    lineNumbers(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    syntaxHighlighting(COLOURS),
    // Tab stays what moves the focus: an editor must never be a trap for the keyboard.
    keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap]),
    EditorView.lineWrapping,
    EditorView.theme(theme),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
    ...(language ? [language()] : []),
  ];
  return new EditorView({ parent, root, state: EditorState.create({ doc: text, extensions }) });
}
