"""How the state before step N comes about: restored from the capsule, or run again. Pure."""

from dataclasses import dataclass

from debugger.domain.edits import Edits
from debugger.domain.replay_states import ReplayMode
from debugger.domain.scenario import Scenario


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """The mode a replay starts in and why, as a sentence for people."""

    mode: ReplayMode
    reason: str


def choose_mode(
    *,
    from_step: int,
    edits: Edits,
    before: Scenario,
    after: Scenario,
    restorable: bool,
    requested: ReplayMode | None,
) -> ModeChoice:
    """Decides by what was edited; a request is followed wherever it can be.

    `restorable`: a capsule with the state before `from_step` is at hand.
    """
    if from_step == 1:
        return ModeChoice(ReplayMode.FAST_FORWARD, "Step 1 has nothing before it.")
    if requested is ReplayMode.FAST_FORWARD:
        return ModeChoice(ReplayMode.FAST_FORWARD, "Asked for.")
    if not restorable:
        reason = f"No state was kept from before step {from_step}, so the steps run again."
        return ModeChoice(ReplayMode.FAST_FORWARD, reason)
    if requested is ReplayMode.RESTORE:
        return ModeChoice(ReplayMode.RESTORE, "Asked for.")
    if edits.source_diffs:
        reason = "Source or configuration is edited, so the steps before run with the edits."
        return ModeChoice(ReplayMode.FAST_FORWARD, reason)
    if not _same_prefix(before, after, from_step):
        reason = f"The scenario is edited before step {from_step}."
        return ModeChoice(ReplayMode.FAST_FORWARD, reason)
    return ModeChoice(ReplayMode.RESTORE, f"Nothing before step {from_step} is edited.")


def _same_prefix(before: Scenario, after: Scenario, from_step: int) -> bool:
    def prefix(scenario: Scenario) -> list[object]:
        steps = scenario.steps[: from_step - 1]
        return [(step.action, step.expectations) for step in steps]

    return before.head == after.head and prefix(before) == prefix(after)
