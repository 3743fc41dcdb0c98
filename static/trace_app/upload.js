/**
 * The Ingest page's files: chosen or dropped, sent to the API one after the other, each with its progress. Without this
 * script the same form is posted whole. The server judges a file; here only its size is looked at beforehand.
 */

import { announce } from "./page.js";
import { problemText, sizeText } from "./upload-text.js";

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("upload"));
const list = document.getElementById("uploads");
const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("upload-row"));

/** @typedef {{file: File, row: HTMLElement, url: string, canceled: boolean, xhr: XMLHttpRequest | null}} Upload */

/** @type {Upload[]} */
const waiting = [];
let busy = false;

/** @param {HTMLElement} row @param {string} selector @returns {any} */
const part = (row, selector) => row.querySelector(selector);

/** @param {Upload} upload @param {string} state */
function say(upload, state) {
  part(upload.row, ".state").textContent = state;
}

/** @param {Upload} upload @param {string} state */
function end(upload, state) {
  say(upload, state);
  part(upload.row, "progress").remove();
  part(upload.row, ".cancel").remove();
  announce(`${upload.file.name}: ${state}`);
}

/** @param {Upload} upload @param {string} problem */
function refuse(upload, problem) {
  upload.row.classList.add("refused");
  const text = part(upload.row, ".problem");
  text.textContent = problem;
  text.hidden = false;
  end(upload, "refused");
  announce(`${upload.file.name} was refused: ${problem}`);
}

/** @param {Upload} upload @param {{url: string, short_id: string, status: string, created: boolean, notice: string}} trace */
function accept(upload, trace) {
  const link = part(upload.row, ".result");
  const dot = document.createElement("span");
  dot.className = `dot ${{ passed: "pass", failed: "fail" }[trace.status] ?? "warn"}`;
  link.append(dot, `${trace.status}, open the trace`);
  // The page's own host: the public address may be another name for it.
  link.href = `/traces/${encodeURIComponent(trace.short_id)}`;
  link.hidden = false;
  if (trace.notice) {
    const text = part(upload.row, ".problem");
    text.textContent = trace.notice;
    text.hidden = false;
    announce(trace.notice);
  }
  end(upload, trace.created ? "stored" : "known already");
}

/** @param {Upload} upload */
function finish(upload) {
  const { xhr } = upload;
  if (!xhr) return;
  /** @type {any} */
  let body = {};
  try {
    body = JSON.parse(xhr.responseText);
  } catch {
    // An answer that is not JSON comes from a proxy in between; its status says enough.
  }
  if (xhr.status === 200 || xhr.status === 201) accept(upload, body);
  else refuse(upload, problemText(xhr.status, body));
}

/** @param {Upload} upload @returns {Promise<void>} */
function send(upload) {
  const xhr = new XMLHttpRequest();
  const progress = part(upload.row, "progress");
  upload.xhr = xhr;
  return new Promise((resolve) => {
    xhr.upload.addEventListener("progress", (event) => {
      progress.value = event.loaded / event.total;
      say(upload, `${sizeText(event.loaded)} of ${sizeText(event.total)}`);
    });
    xhr.upload.addEventListener("load", () => {
      progress.removeAttribute("value");
      say(upload, "being read and masked");
    });
    xhr.addEventListener("load", () => finish(upload));
    xhr.addEventListener("error", () => refuse(upload, "The server cannot be reached. Nothing was stored; try again."));
    xhr.addEventListener("abort", () => end(upload, "canceled"));
    xhr.addEventListener("loadend", () => resolve());
    xhr.open("POST", upload.url);
    xhr.setRequestHeader("Content-Type", "application/zip");
    xhr.setRequestHeader("X-CSRFToken", String(new FormData(/** @type {HTMLFormElement} */ (form)).get("csrfmiddlewaretoken")));
    xhr.send(upload.file);
  });
}

async function work() {
  if (busy) return;
  busy = true;
  for (let next = waiting.shift(); next; next = waiting.shift()) if (!next.canceled) await send(next);
  busy = false;
}

/** @param {Upload} upload */
function cancel(upload) {
  upload.canceled = true;
  if (upload.xhr) upload.xhr.abort();
  else end(upload, "canceled");
}

/** @param {File} file @param {string} url @param {number} most */
function add(file, url, most) {
  const row = /** @type {HTMLElement} */ (template?.content.firstElementChild?.cloneNode(true));
  const upload = { file, row, url, canceled: false, xhr: null };
  part(row, ".name").textContent = file.name;
  part(row, "progress").setAttribute("aria-label", `Progress of ${file.name}`);
  part(row, ".cancel").setAttribute("aria-label", `Cancel ${file.name}`);
  part(row, ".cancel").addEventListener("click", () => cancel(upload));
  list?.append(row);
  say(upload, "waiting");
  if (file.size > most) refuse(upload, `The file has ${sizeText(file.size)}; at most 1 GiB is taken.`);
  else waiting.push(upload);
}

/** @param {Iterable<File>} files */
function take(files) {
  if (!form) return;
  const project = String(new FormData(form).get("project"));
  const url = `${form.dataset["url"]}?project=${encodeURIComponent(project)}`;
  for (const file of files) add(file, url, Number(form.dataset["max"]));
  void work();
}

/** @param {HTMLFormElement} page @param {HTMLInputElement} input */
function start(page, input) {
  const zone = /** @type {HTMLElement} */ (page.querySelector(".drop"));
  page.querySelector(".with-script")?.removeAttribute("hidden");
  page.querySelector(".without-script")?.setAttribute("hidden", "");
  input.classList.add("visually-hidden");
  input.addEventListener("change", () => {
    take([...(input.files ?? [])]);
    input.value = "";
  });
  page.addEventListener("submit", (event) => event.preventDefault());
  // The whole page takes the drop: a file let go beside the frame would otherwise replace the page.
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take([...(event.dataTransfer?.files ?? [])]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });
}

const input = /** @type {HTMLInputElement | null} */ (document.getElementById("files"));
if (form && input) start(form, input);
