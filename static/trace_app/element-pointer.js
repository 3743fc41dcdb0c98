/**
 * Pointing at an element of the snapshot: a glass over the frame takes the pointer, so that the recorded page never does,
 * and asks the frame's document which element lies there. The document is hostile: only methods of this page's own
 * prototypes are called on it, which no name in it can replace.
 */

/** @import { SnapshotView } from "./snapshot-view.js" */

export class ElementPointer {
  /**
   * @param {SnapshotView} view
   * @param {(key: string) => void} pick
   */
  constructor(view, pick) {
    this.view = view;
    this.glass = document.createElement("div");
    this.glass.className = "glass";
    this.glass.hidden = true;
    this.box = document.createElement("i");
    this.glass.append(this.box);
    view.shot.append(this.glass);
    this.glass.addEventListener("pointermove", (event) => this.show(this.under(event)));
    this.glass.addEventListener("pointerleave", () => this.show(null));
    this.glass.addEventListener("click", (event) => {
      const key = keyOf(this.under(event));
      if (key) pick(key);
    });
    this.glass.addEventListener("wheel", (event) => this.scroll(event), { passive: true });
    view.changed.add(() => this.show(null));
  }

  /** @param {boolean} on */
  open(on) {
    this.glass.hidden = !on;
  }

  /** The element under the pointer that has a key. @param {MouseEvent} event @returns {Element | null} */
  under(event) {
    const { front } = this.view;
    // Null while the frame is not of this page's origin.
    const recorded = front.contentDocument;
    if (!recorded) return null;
    const place = front.getBoundingClientRect();
    const scale = place.width / front.offsetWidth;
    const x = (event.clientX - place.left) / scale;
    const y = (event.clientY - place.top) / scale;
    const found = Document.prototype.elementFromPoint.call(recorded, x, y);
    return found && Element.prototype.closest.call(found, "[data-trace-key]");
  }

  /** Draws a box around an element. @param {Element | null} element */
  show(element) {
    this.box.hidden = element === null;
    if (!element) return;
    const { front } = this.view;
    const [outer, place] = [this.glass.getBoundingClientRect(), front.getBoundingClientRect()];
    const scale = place.width / front.offsetWidth;
    const rect = Element.prototype.getBoundingClientRect.call(element);
    this.box.style.left = `${place.left - outer.left + rect.left * scale}px`;
    this.box.style.top = `${place.top - outer.top + rect.top * scale}px`;
    this.box.style.width = `${rect.width * scale}px`;
    this.box.style.height = `${rect.height * scale}px`;
  }

  /** A long page still scrolls below the glass. @param {WheelEvent} event */
  scroll(event) {
    this.view.front.contentWindow?.scrollBy(event.deltaX, event.deltaY);
    this.show(this.under(event));
  }
}

/** @param {Element | null} element */
function keyOf(element) {
  return element && Element.prototype.getAttribute.call(element, "data-trace-key");
}
