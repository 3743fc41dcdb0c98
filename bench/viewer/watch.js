/**
 * Runs before either viewer in every page: notes, in milliseconds of the page's clock, when what is waited for has
 * been painted. Not part of the product.
 */
(() => {
  if (window !== window.top) return;
  const seen = { list: null, ribbons: null, snapshot: null, shown: null, clicked: null };
  window.benchSeen = seen;
  const channel = new MessageChannel();
  const waiting = [];
  channel.port1.onmessage = () => { for (const note of waiting.splice(0)) note(performance.now()); };
  /** Calls `note` once the frame being made now has been painted; asked for in a callback of that frame. */
  const afterPaint = (note) => { waiting.push(note); channel.port2.postMessage(0); };

  const hasList = () => document.querySelector(".steps .step, .actions-tree-view .tree-view-entry") !== null;
  const hasRibbons = () => {
    const canvas = document.querySelector("#lanes canvas");
    if (!canvas || canvas.width === 300) return false;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, i) => i % 4 === 3 && value > 0);
  };
  const look = () => {
    if (seen.list === null && hasList()) { seen.list = 0; afterPaint((now) => { seen.list = now; }); }
    if (seen.ribbons === null && hasRibbons()) { seen.ribbons = 0; afterPaint((now) => { seen.ribbons = now; }); }
    if (seen.list === null || seen.ribbons === null) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  /** What each frame shows by its address, once that has loaded. @type {WeakMap<HTMLIFrameElement, string>} */
  const loaded = new WeakMap();
  const address = (frame) => (frame.matches("iframe.snapshot") ? frame.src : (frame.contentDocument?.URL ?? ""));
  document.addEventListener("load", (event) => {
    if (event.target instanceof HTMLIFrameElement) loaded.set(event.target, address(event.target));
  }, true);
  /** The address of the snapshot in front, once it has loaded; else nothing. */
  const inFront = () => {
    const frame = document.querySelector("iframe.snapshot:not([data-back]), iframe.snapshot-visible");
    if (!(frame instanceof HTMLIFrameElement)) return "";
    const shown = address(frame);
    return loaded.get(frame) === shown && /\/snapshots?\//.test(shown) ? shown : "";
  };
  /** Calls `note` when a snapshot other than this one has been painted. */
  const untilOther = (before, note) => {
    const now = inFront();
    if (now && now !== before) afterPaint(note);
    else requestAnimationFrame(() => untilOther(before, note));
  };
  requestAnimationFrame(() => untilOther("", (now) => { seen.snapshot = now; }));
  addEventListener("pointerdown", (event) => {
    const clicked = (seen.clicked = event.timeStamp);
    seen.shown = null;
    untilOther(inFront(), (now) => { if (seen.clicked === clicked) seen.shown = now; });
  }, true);
})();
