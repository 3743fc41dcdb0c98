/**
 * The one window over the page. A link with `data-modal` opens its own URL in it; without this script the same link
 * opens the same content as a page. Not for confirmations that need no content: those are forms.
 */

/** @returns {HTMLDialogElement | null} */
function modal() {
  return /** @type {HTMLDialogElement | null} */ (document.getElementById("modal"));
}

/**
 * Loads a page's partial into the window and shows it.
 * @param {string} url
 */
export async function openModal(url) {
  const dialog = modal();
  const htmx = /** @type {any} */ (window).htmx;
  if (!dialog || !htmx) {
    window.location.assign(url);
    return;
  }
  await htmx.ajax("GET", url, { source: dialog, target: dialog, swap: "innerHTML" });
  if (!dialog.firstElementChild) return;
  const title = dialog.querySelector("h1, h2");
  if (title) dialog.setAttribute("aria-label", title.textContent?.trim() ?? "Window");
  if (!dialog.open) dialog.showModal();
}

export function closeModal() {
  const dialog = modal();
  dialog?.close();
  dialog?.replaceChildren();
}

/** Shows a template's content in the window. @param {HTMLTemplateElement} template */
export function openTemplate(template) {
  const dialog = modal();
  if (!dialog) return;
  dialog.replaceChildren(template.content.cloneNode(true));
  dialog.setAttribute("aria-label", template.dataset["title"] ?? "Window");
  if (!dialog.open) dialog.showModal();
}

/** @param {MouseEvent} event */
function onClick(event) {
  const target = /** @type {Element} */ (event.target);
  if (target === modal() || target.closest("[data-close]")) {
    event.preventDefault();
    closeModal();
    return;
  }
  const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a[data-modal]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  void openModal(link.href);
}

/** Makes the window's links and buttons work on this page. */
export function startDialogs() {
  document.addEventListener("click", onClick);
  modal()?.addEventListener("close", () => modal()?.replaceChildren());
}
