/** The steps of a run that goes on, from its step events: the table of steps is written only when the run has ended. */

import { codeSpans } from "./code-spans.js";
import { clock } from "./density.js";

/** @import { LiveEvent } from "./live.js" */
/** @import { Playhead, Step } from "./playhead.js" */
/** @import { StepList } from "./step-list.js" */

/** As many lines as the server puts on a page. */
const SHOWN = 60;
const FAILURES = ["assertion", "agent.action", "step.end"];

/**
 * The step table after more events, as the server will have it.
 * @param {Step[]} steps
 * @param {LiveEvent[]} events
 * @returns {Step[]}
 */
export function grownSteps(steps, events) {
  const byNumber = new Map(steps.map((step) => [step.number, { ...step }]));
  for (const { kind, step: number, seq, ts, data, level } of events) {
    if (!number) continue;
    const held = byNumber.get(number);
    if (kind === "step.start" && !held?.seqFirst) {
      byNumber.set(number, { number, status: "unfinished", start: ts, end: null, seqFirst: seq, seqLast: null, failingSeq: null });
    } else if (kind === "step.end" && held) {
      Object.assign(held, { end: ts, seqLast: seq, status: String(data["status"] ?? "passed") });
    }
    if (held && level === "error" && held.failingSeq === null && FAILURES.includes(kind)) held.failingSeq = seq;
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

/** @param {string} tag @param {string} className @param {string} text */
function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.textContent = text;
  return node;
}

export class LiveSteps {
  /**
   * @param {StepList} list
   * @param {Playhead} playhead
   */
  constructor(list, playhead) {
    this.list = list;
    this.playhead = playhead;
    /** @type {Map<number, {title: string, depth: number}>} */
    this.named = new Map();
  }

  /** @param {LiveEvent[]} events */
  take(events) {
    const ofSteps = events.filter(({ kind, level, step }) => step && (kind.startsWith("step.") || level === "error"));
    if (ofSteps.length === 0) return;
    for (const { kind, step, data } of ofSteps) {
      if (kind !== "step.start") continue;
      this.named.set(step ?? 0, { title: String(data["title"] ?? data["text"] ?? `Step ${step}`), depth: Number(data["depth"] ?? 0) });
    }
    this.playhead.setSteps(grownSteps(this.playhead.steps, ofSteps));
    this.draw();
  }

  draw() {
    this.list.lines.replaceChildren(...this.playhead.steps.slice(-SHOWN).map((step) => this.line(step)));
    this.list.current = null;
    this.list.mark(this.playhead.moment.step);
  }

  /** @param {Step} step */
  line({ number, status, start, end }) {
    const { title, depth } = this.named.get(number) ?? { title: `Step ${number}`, depth: 0 };
    const line = /** @type {HTMLAnchorElement} */ (make("a", `step ${status} depth-${Math.min(depth, 4)}`, ""));
    line.href = `?step=${number}`;
    line.dataset["step"] = String(number);
    const what = make("span", "what", "");
    const named = make("b", "", "");
    named.append(...codeSpans(title));
    what.append(named, make("span", "visually-hidden", `, ${status}`));
    const lasted = start === null || end === null ? "" : clock(end - start);
    line.append(make("span", "n", String(number)), what, make("span", "d", lasted));
    return line;
  }
}
