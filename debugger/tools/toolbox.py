"""The tools an engine may use on one trace. All read; starting a replay needs a person.

Each returns plain JSON values, so that the offline engine and a model get the same.
"""

from collections.abc import Iterable
from dataclasses import asdict
from functools import cached_property
from typing import Any

from debugger.domain.changes import parse_changes
from debugger.tools.case import Case
from debugger.tools.code import Code, CodeUnavailable
from debugger.tools.editing import Editor
from trace_app.domain.diff.clones import compare_states, states
from trace_app.domain.events import KIND_RIBBON, Event
from trace_app.domain.states import QUIET_SOURCES
from trace_app.models import Trace

MAX_EVENTS = 200
_SIMILAR = 10


class Toolbox:
    """The tools of one question. What they found is kept for its length."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.case = Case(trace)

    @cached_property
    def source(self) -> Code:
        """The source at the trace's commit. Raises CodeUnavailable."""
        return Code.of(self.trace, self.case.green)

    @cached_property
    def editor(self) -> Editor:
        """Drafts edits. Raises CodeUnavailable."""
        return Editor(self.case, self.source)

    def get_overview(self) -> dict[str, Any]:
        """Status, signature parts, failing step and the last green run."""
        trace, step, green = self.trace, self.case.failing_step, self.case.green
        return {
            "trace": trace.short_id,
            "title": trace.title,
            "status": trace.status,
            "branch": trace.branch,
            "sha": trace.code_sha,
            "failing_step": step.no if step else None,
            "signature": trace.signature.slug if trace.signature else None,
            "parts": asdict(self.case.parts) if self.case.parts else None,
            "last_green": green.short_id if green else None,
        }

    def list_steps(self) -> list[dict[str, Any]]:
        """Every step with number, title, status, error and the seq of its start."""
        return [asdict(step) for step in self.case.view.steps]

    def read_events(
        self,
        ribbon: str | None = None,
        step: int | None = None,
        seq_from: int | None = None,
        seq_to: int | None = None,
        query: str = "",
    ) -> list[dict[str, Any]]:
        """Events that match all that is given, at most 200, in order."""
        found = (
            event
            for event in self.case.view.events
            if (ribbon is None or KIND_RIBBON[event.kind] == ribbon)
            and (step is None or event.step == step)
            and (seq_from is None or event.seq >= seq_from)
            and (seq_to is None or event.seq <= seq_to)
            and (not query or query.lower() in str(event.data).lower())
        )
        return _json(found)

    def get_event(self, seq: int) -> dict[str, Any] | None:
        """One event, None when the trace has no such number."""
        event = self.case.by_seq.get(seq)
        return event.to_json() if event else None

    def diff_clone_state(self, clone: str, step_a: int, step_b: int) -> dict[str, Any]:
        """What changed in a clone's state from after step a to after step b (0: the start)."""
        held = states(self.case.view).get(clone, {})
        a, b = held.get(step_a), held.get(step_b)
        return {
            "clone": clone,
            "seq_a": a.seq if a else None,
            "seq_b": b.seq if b else None,
            "steps": sorted(held),
            "changes": [
                {"path": c.path, "op": c.op, "before": c.before, "after": c.after}
                for c in compare_states(a, b)
            ],
        }

    def compare_with_last_green(
        self, branch: str | None = None, dimension: str | None = None
    ) -> dict[str, Any] | None:
        """The diff of the last green run and this trace; None when there is no green run."""
        green = self.case.green_on(branch)
        if green is None:
            return None
        diff = self.case.compare(green).to_json()
        if dimension is not None:
            diff["dimensions"] = {dimension: diff["dimensions"][dimension]}
        return {"green": green.short_id, **diff}

    def read_source(self, path: str) -> str:
        """A file at the trace's commit. Raises CodeUnavailable."""
        return self.source.read(path)

    def search_source(self, query: str) -> list[dict[str, Any]]:
        """Lines at the trace's commit that hold the text. Raises CodeUnavailable."""
        return [asdict(hit) for hit in self.source.search(query)]

    def find_similar_failures(self) -> list[dict[str, Any]]:
        """Other traces of the same cluster, newest first, at most ten."""
        if self.trace.signature is None:
            return []
        quiet = [source.value for source in QUIET_SOURCES]
        others = Trace.objects.filter(signature=self.trace.signature).exclude(pk=self.trace.pk)
        others = others.exclude(source__in=quiet)
        return [
            {"trace": t.short_id, "branch": t.branch, "sha": t.code_sha, "created": t.created}
            for t in others.order_by("-created")[:_SIMILAR]
        ]

    def summarize_mender_analysis(self) -> dict[str, Any] | None:
        """What Mender stored about this trace; it is never run from here."""
        found = self.trace.summary.get("mender_summary")
        return found if isinstance(found, dict) else None

    def propose_edit(self, words: str) -> dict[str, Any]:
        """Edits for the named changes, and what is unclear. Raises CodeUnavailable."""
        changes, unclear = parse_changes(words)
        drafted = self.editor.from_words(changes)
        return {
            "edits": drafted.edits(self.trace.scenario_path).to_json(),
            "done": drafted.done,
            "questions": [*drafted.questions, *(item.text for item in unclear)],
        }


def _json(events: Iterable[Event]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for event in events:
        found.append(event.to_json())
        if len(found) >= MAX_EVENTS:
            break
    return found


__all__ = ["MAX_EVENTS", "CodeUnavailable", "Toolbox"]
