/**
 * Runs before either viewer in every page: notes, in milliseconds of the page's clock, when what is waited for has
 * been painted. Not part of the product.
 */
(() => {
  if (window !== window.top) return;
  const seen = { list: null, ribbons: null, snapshot: null, snapshots: [], clicked: null };
  window.benchSeen = seen;
  const channel = new MessageChannel();
  const waiting = [];
  channel.port1.onmessage = () => { for (const note of waiting.splice(0)) note(performance.now()); };
  /** Calls `note` once the frame being made now has been painted. */
  const afterPaint = (note) => requestAnimationFrame(() => { waiting.push(note); channel.port2.postMessage(0); });

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

  /** Whether the frame that has just loaded is the one shown, and shows a recorded page. */
  const shown = (frame) => {
    if (frame.matches("iframe.snapshot")) return !frame.hasAttribute("data-back") && frame.src !== "";
    const address = frame.name === "snapshot" && frame.classList.contains("snapshot-visible") ? frame.contentDocument?.URL : "";
    return (address ?? "").includes("/snapshot/");
  };
  document.addEventListener("load", (event) => {
    if (!(event.target instanceof HTMLIFrameElement)) return;
    const frame = event.target;
    // Both viewers change which of two frames is in front when the one at the back has loaded.
    const settle = (tries) => requestAnimationFrame(() => {
      if (shown(frame)) afterPaint((now) => { seen.snapshot ??= now; seen.snapshots.push(now); });
      else if (tries > 0) settle(tries - 1);
    });
    settle(4);
  }, true);
  addEventListener("pointerdown", () => { seen.clicked = performance.now(); seen.snapshots = []; }, true);
})();
