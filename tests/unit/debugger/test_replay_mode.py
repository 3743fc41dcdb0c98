"""How the state before step N comes about: the default rule and what a person may ask for."""

import pytest

from debugger.domain.edits import Edits, SourceDiff
from debugger.domain.replay_mode import choose_mode
from debugger.domain.replay_states import ReplayMode
from debugger.domain.scenario import parse
from debugger.domain.unified_diff import make_diff

HEAD = """---
spec_version: "1.0"
id: 01932f6e-7c1a-7f3e-9b1d-2a4c5d6e7f80
slug: checkout
---
# Checkout
## Steps
"""
BEFORE = parse(HEAD + '1. navigate `/`\n2. click button "Add"\n3. click button "Pay"\n')
LATER = parse(HEAD + '1. navigate `/`\n2. click button "Add"\n3. click button "Pay today"\n')
EARLIER = parse(HEAD + '1. navigate `/x`\n2. click button "Add"\n3. click button "Pay"\n')
SOURCE = Edits(source_diffs=(SourceDiff("a.py", make_diff("a.py", "a\n", "b\n")),))
RESTORE, FORWARD = ReplayMode.RESTORE, ReplayMode.FAST_FORWARD


@pytest.mark.parametrize(
    ("changes", "mode", "reason"),
    [
        ({}, RESTORE, "Nothing before step 3"),
        ({"after": LATER}, RESTORE, "Nothing before step 3"),
        ({"after": EARLIER}, FORWARD, "edited before step 3"),
        ({"edits": SOURCE}, FORWARD, "Source or configuration"),
        ({"edits": SOURCE, "requested": RESTORE}, RESTORE, "Asked for"),
        ({"requested": FORWARD}, FORWARD, "Asked for"),
        ({"restorable": False}, FORWARD, "No state was kept"),
        ({"restorable": False, "requested": RESTORE}, FORWARD, "No state was kept"),
        ({"from_step": 1}, FORWARD, "nothing before it"),
    ],
)
def test_the_mode_follows_from_what_is_edited(
    changes: dict[str, object], mode: ReplayMode, reason: str
) -> None:
    facts = {
        "from_step": 3,
        "edits": Edits(),
        "before": BEFORE,
        "after": BEFORE,
        "restorable": True,
        "requested": None,
        **changes,
    }
    choice = choose_mode(**facts)  # type: ignore[arg-type]
    assert choice.mode == mode
    assert reason in choice.reason
