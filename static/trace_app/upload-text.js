/** What the Ingest page says about a file: its size, and why it was refused. Pure, so that Node tests it. */

/** @param {number} bytes */
export function sizeText(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/**
 * One sentence about a refusal; member and line are named once.
 * @param {number} status
 * @param {{message?: string, member?: string, line?: number}} body
 */
export function problemText(status, body) {
  const message = body.message ?? `The server answered ${status}. Try again; nothing was stored.`;
  if (!body.member || message.includes(body.member)) return message;
  return `${body.member}${body.line ? `, line ${body.line}` : ""}: ${message}`;
}
