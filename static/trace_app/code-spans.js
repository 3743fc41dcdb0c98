/** Texts of scenarios write code in backticks; here it becomes an element. The text is data and never read as markup. */

/**
 * A text in pieces, code and not by turns; a backtick without a partner stays.
 * @param {string} text
 * @returns {{code: boolean, text: string}[]}
 */
export function codePieces(text) {
  return text.split(/`([^`\n]+)`/).map((piece, i) => ({ code: i % 2 === 1, text: piece })).filter((one) => one.text);
}

/** The pieces as nodes, for `append`. @param {string} text @returns {(HTMLElement | string)[]} */
export function codeSpans(text) {
  return codePieces(text).map((piece) => {
    if (!piece.code) return piece.text;
    const node = document.createElement("code");
    node.textContent = piece.text;
    return node;
  });
}
