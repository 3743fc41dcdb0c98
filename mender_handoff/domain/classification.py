"""From named evidence to a class and a confidence.

The weights stand here and nowhere else; finding evidence does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: How much each reason says about its class, alone, 0…1.
#: Reasons of one class add up as independent ones do.
WEIGHTS: dict[str, tuple[str, float]] = {
    "failing_path_removed": ("product_bug", 0.75),
    "failing_frame_changed": ("product_bug", 0.70),
    "server_error": ("product_bug", 0.45),
    "expected_value_removed": ("product_bug", 0.65),
    "vendor_state_wrong": ("product_bug", 0.35),
    "related_code_changed": ("product_bug", 0.45),
    "page_error": ("product_bug", 0.35),
    "source_changed": ("product_bug", 0.25),
    "label_renamed": ("scenario_bug", 0.75),
    "only_scenario_changed": ("scenario_bug", 0.60),
    "only_configuration_changed": ("env", 0.60),
    "unmodelled_call": ("env", 0.55),
    "blocked_address": ("env", 0.55),
    "run_could_not_start": ("env", 0.80),
    "same_code_was_green": ("flake", 0.60),
    "timeout_without_cause": ("flake", 0.30),
    "rerun_passed": ("flake", 0.90),
}
#: Each re-run that failed in the same way leaves this share of the case for a flake.
FLAKE_LEFT_PER_FAILED_RERUN = 0.5
#: Below this nobody should act on the class.
UNSURE_BELOW = 0.4
#: Reasons that tie the failure to a literal the change removed: then few re-runs are enough.
LITERAL = frozenset({"failing_path_removed", "label_renamed", "expected_value_removed"})
#: Reasons that tie it to the changed code, though not to one word of it.
TIED = frozenset({"failing_frame_changed", "related_code_changed"})
#: Re-runs worth their time: few where the change explains the failure.
RERUNS_WITH_LITERAL, RERUNS_WITH_TIE, RERUNS_MAX = 1, 3, 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason.

    `seqs` are events of the failing trace, `text` names file and commit where there are some.
    """

    name: str
    text: str
    seqs: tuple[int, ...] = ()

    @property
    def points_to(self) -> str:
        """The class this reason speaks for."""
        return WEIGHTS[self.name][0]

    @property
    def weight(self) -> float:
        """How much it says, 0…1."""
        return WEIGHTS[self.name][1]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A class with its confidence 0…1 and the scores it was chosen from."""

    classification: str
    confidence: float
    scores: dict[str, float]


def classify(evidence: Sequence[Evidence], reruns: Sequence[str] = ()) -> Verdict:
    """The strongest class; `unsure` where nothing is strong.

    `reruns` are verdicts, passed or failed.

    Both verdicts at one commit are a proof of flakiness, whatever else speaks for another class.
    """
    scores = _scores(evidence)
    failed = sum(1 for one in reruns if one == "failed")
    if "passed" in reruns:
        scores["flake"] = max(scores.get("flake", 0.0), WEIGHTS["rerun_passed"][1])
        return Verdict("flake", round(scores["flake"], 2), scores)
    if "flake" in scores:
        scores["flake"] = round(scores["flake"] * FLAKE_LEFT_PER_FAILED_RERUN**failed, 4)
    if not scores:
        return Verdict("unsure", 0.0, {})
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    best, score = ranked[0]
    runner_up = ranked[1][1] if len(ranked) > 1 else 0.0
    confidence = round(score * (1 - runner_up / 2), 2)
    return Verdict(best if confidence >= UNSURE_BELOW else "unsure", confidence, scores)


def _scores(evidence: Sequence[Evidence]) -> dict[str, float]:
    left: dict[str, float] = {}
    for one in {item.name: item for item in evidence}.values():
        left[one.points_to] = left.get(one.points_to, 1.0) * (1 - one.weight)
    return {name: round(1 - rest, 4) for name, rest in left.items()}


def reruns_worth(evidence: Sequence[Evidence]) -> int:
    """How many re-runs at most.

    Few where a removed literal explains the failure, else up to ten.
    """
    names = {one.name for one in evidence}
    if names & LITERAL:
        return RERUNS_WITH_LITERAL
    return RERUNS_WITH_TIE if names & TIED else RERUNS_MAX


def analysis_line(verdict: Verdict, evidence: Sequence[Evidence]) -> str:
    """One sentence: the strongest reasons of the chosen class with their (seq:N)."""
    chosen = [one for one in evidence if one.points_to == verdict.classification] or list(evidence)
    ranked = sorted(chosen, key=lambda one: -one.weight)[:2]
    if len(ranked) > 1 and ranked[1].weight < ranked[0].weight / 2:
        # A faint second reason says nothing that the first one leaves open.
        ranked = ranked[:1]
    if not ranked:
        return "No evidence points to a cause."
    return "; ".join(_with_seqs(one) for one in ranked) + "."


def analysis_markdown(verdict: Verdict, evidence: Sequence[Evidence], reruns: Sequence[str]) -> str:
    """The analysis as a table of reasons, for the card, the attempt page and the pull request."""
    title = verdict.classification.replace("_", " ")
    lines = [
        f"**{title}**, confidence {verdict.confidence:.2f}. {analysis_line(verdict, evidence)}"
    ]
    lines += ["", "| reason | speaks for | weight | evidence |", "|---|---|---|---|"]
    for one in sorted(evidence, key=lambda item: -item.weight):
        text = _with_seqs(one).replace("|", "\\|").replace("\n", " ")
        name, to = one.name.replace("_", " "), one.points_to.replace("_", " ")
        lines.append(f"| {name} | {to} | {one.weight:.2f} | {text} |")
    if reruns:
        lines += ["", f"Re-runs at the same commit: {', '.join(reruns)}."]
    return "\n".join(lines)


def _with_seqs(one: Evidence) -> str:
    cited = ", ".join(f"seq:{seq}" for seq in one.seqs[:3])
    return f"{one.text} ({cited})" if cited else one.text
