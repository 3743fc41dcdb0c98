/** The five ribbons and what the viewer's modules share about them. Imports nothing: it is part of the first drawing. */

/** @typedef {"video" | "dom" | "network" | "console" | "agent"} Ribbon */

export const RIBBONS = /** @type {const} */ (["video", "dom", "network", "console", "agent"]);

/** Kinds whose ribbon their first word does not name. @type {Record<string, Ribbon>} */
const RIBBON_OF_PREFIX = {
  video: "video", dom: "dom", network: "network", console: "console", page: "console", app: "console",
};

/**
 * The ribbon of an event kind.
 * @param {string} kind
 * @returns {Ribbon}
 */
export function ribbonOf(kind) {
  return RIBBON_OF_PREFIX[kind.split(".")[0] ?? ""] ?? "agent";
}

/**
 * The last position whose value is at most `wanted`, −1 when there is none. `values` is ascending.
 * @param {ArrayLike<number>} values
 * @param {number} wanted
 */
export function lastAtMost(values, wanted) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {number} */ (values[middle]) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
