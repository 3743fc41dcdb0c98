"""The promote form: what was posted, read into a wish; nothing is decided here."""

from dataclasses import dataclass, field
from uuid import UUID

from django.http import Http404, QueryDict

from debugger.domain.edits import EditError, Edits, SourceDiff
from debugger.domain.unified_diff import DiffError, split_diffs
from debugger.models import Replay
from mender_handoff.models import MenderAttempt
from mender_handoff.queries.attempts import of_trace
from mender_handoff.queries.promotion import Wish
from trace_app.models import Trace

DEFAULT_CLASS = "product_bug"


@dataclass(slots=True)
class PromotionDraft:
    """The form's fields as shown and as posted; `errors` are sentences."""

    trace: Trace
    replay: Replay | None
    diff_text: str
    classification: str
    target_branch: str
    accepted_regressions: tuple[str, ...] = ()
    accept_weakened: bool = False
    errors: list[str] = field(default_factory=list)
    edits: Edits = field(default_factory=Edits)

    @property
    def wish(self) -> Wish:
        """What promote_fix and the gates are asked about."""
        return Wish(
            trace=self.trace,
            replay=self.replay,
            edits=self.edits,
            classification=self.classification,
            target_branch=self.target_branch,
            accepted_regressions=self.accepted_regressions,
            accept_weakened=self.accept_weakened,
        )


def find_replay(trace: Trace, replay_id: str) -> Replay | None:
    """The replay of this trace by id; the newest succeeded one with edits when none is named."""
    replays = trace.replays.order_by("-created")
    if not replay_id:
        return next((one for one in replays.filter(status="succeeded") if one.has_edits), None)
    try:
        found = replays.filter(pk=UUID(replay_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404("No such replay of this trace.")
    return found


def fresh(trace: Trace, replay: Replay | None) -> PromotionDraft:
    """The form as it opens: everything the trace, its attempt and the replay already say."""
    attempt = of_trace(trace)
    edits = _known_edits(replay, attempt)
    return PromotionDraft(
        trace=trace,
        replay=replay,
        diff_text=diff_text(edits, trace),
        classification=_class(attempt, edits),
        target_branch=trace.branch or trace.project.default_branch,
        edits=edits,
    )


def _known_edits(replay: Replay | None, attempt: MenderAttempt | None) -> Edits:
    if replay is not None:
        return Edits.from_json(replay.edits)
    return Edits.from_json(attempt.patch) if attempt is not None and attempt.patch else Edits()


def _class(attempt: MenderAttempt | None, edits: Edits) -> str:
    if attempt is not None and attempt.classification not in ("", "unsure"):
        return attempt.classification
    only_scenario = edits.scenario_diff is not None and not edits.source_diffs
    return "scenario_bug" if only_scenario else DEFAULT_CLASS


def posted(trace: Trace, replay: Replay | None, data: QueryDict) -> PromotionDraft:
    """The form as it was sent. Unchanged text of a replay's edits is those edits, byte for byte."""
    text = data.get("edits", "").replace("\r\n", "\n")
    draft = PromotionDraft(
        trace=trace,
        replay=replay,
        diff_text=text,
        classification=data.get("classification", ""),
        target_branch=data.get("target_branch", "").strip(),
        accepted_regressions=tuple(data.getlist("accept")),
        accept_weakened=data.get("accept_weakened") == "on",
    )
    known = Edits.from_json(replay.edits) if replay is not None else Edits()
    if text.strip() == diff_text(known, trace).strip():
        draft.edits = known
        return draft
    try:
        draft.edits = read_edits(text, trace)
    except (DiffError, EditError) as error:
        draft.errors.append(f"The edits cannot be read: {error}")
    return draft


def diff_text(edits: Edits, trace: Trace) -> str:
    """All edits as one diff, the scenario's first."""
    pieces = [one.diff for one in edits.as_source_diffs(trace.scenario_path)]
    return "".join(piece if piece.endswith("\n") else piece + "\n" for piece in pieces)


def read_edits(text: str, trace: Trace) -> Edits:
    """A diff of several files as edits. Raises DiffError or EditError."""
    text = text if text.endswith("\n") else text + "\n"
    pairs = split_diffs(text) if text.strip() else []
    scenario = next((diff for path, diff in pairs if path == trace.scenario_path), None)
    diffs = tuple(SourceDiff(path, diff) for path, diff in pairs if path != trace.scenario_path)
    return Edits.from_json(Edits(scenario, diffs).to_json())
