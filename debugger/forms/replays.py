"""The replay form: whole files are edited by people, the diffs are made from them here."""

from dataclasses import dataclass, field
from typing import Self

from django.http import QueryDict

from debugger.clients.sources import Sources
from debugger.domain.diff_policy import path_reason
from debugger.domain.edits import EditError, Edits, SourceDiff
from debugger.domain.replay_states import ReplayMode
from debugger.domain.unified_diff import DiffError, make_diff, split_diffs


@dataclass
class FileDraft:
    """One file open in the form: its text at the trace's commit (None: new) and as edited."""

    path: str
    original: str | None
    text: str

    @property
    def diff(self) -> str:
        """The unified diff from the commit to what stands in the form."""
        return make_diff(self.path, self.original, self.text)


@dataclass
class ReplayDraft:
    """What stands in the form. Nothing in it has been judged yet."""

    from_step: int
    scenario: FileDraft
    files: list[FileDraft] = field(default_factory=list)
    diffs: str = ""
    mode: str = ""
    repeat: int = 1
    acknowledged_setup: bool = False
    errors: list[str] = field(default_factory=list)

    @classmethod
    def fresh(cls, sources: Sources, from_step: int, edits: Edits) -> Self:
        """A form for a trace, filled with edits (of an earlier replay, or proposed in the chat)."""
        texts = sources.texts_after(edits)
        path = sources.scenario_path
        original = sources.text(path) or ""
        draft = cls(from_step, FileDraft(path, original, texts.pop(path, None) or original))
        for item in edits.source_diffs:
            text = texts.get(item.path)
            if text is None:
                draft.diffs += item.diff
            else:
                draft.files.append(FileDraft(item.path, sources.text(item.path), text))
        return draft

    @classmethod
    def posted(cls, sources: Sources, data: QueryDict) -> Self:
        """The form as a person sent it; what cannot be read is an entry in `errors`."""
        path = sources.scenario_path
        original = sources.text(path) or ""
        draft = cls(
            from_step=_number(data, "from_step"),
            scenario=FileDraft(path, original, _as_in(original, data.get("scenario", original))),
            diffs=data.get("diffs", "").replace("\r\n", "\n"),
            mode=data.get("mode", ""),
            repeat=_number(data, "repeat"),
            acknowledged_setup=data.get("acknowledged_setup") == "on",
        )
        for name, text in zip(data.getlist("path"), data.getlist("text"), strict=False):
            before = sources.text(name) if path_reason(name) is None else None
            draft.files.append(FileDraft(name, before, _as_in(before, text)))
        if draft.mode not in ("", *ReplayMode):
            draft.errors.append("The mode is none of those offered.")
        return draft

    @property
    def chosen_mode(self) -> ReplayMode | None:
        """The mode asked for; None leaves it to the rule."""
        return ReplayMode(self.mode) if self.mode in list(ReplayMode) else None

    def open_file(self, sources: Sources, path: str) -> None:
        """Open another file in the form; an unknown path starts a new file."""
        path = path.strip()
        reason = path_reason(path) if path else "name a file to open."
        if reason or any(item.path == path for item in (*self.files, self.scenario)):
            self.errors.append(f"{path or 'File'}: {reason or 'is open already.'}")
            return
        text = sources.text(path)
        self.files.append(FileDraft(path, text, text or ""))

    def edits(self) -> Edits:
        """The edits as the contract wants them. Raises EditError."""
        try:
            loose = split_diffs(self.diffs)
        except DiffError as error:
            raise EditError("The pasted diff", str(error)) from error
        made = [SourceDiff(item.path, item.diff) for item in self.files if item.diff]
        return Edits.from_json(
            Edits(
                scenario_diff=self.scenario.diff or None,
                source_diffs=(*made, *(SourceDiff(path, text) for path, text in loose)),
            ).to_json()
        )


def _number(data: QueryDict, name: str) -> int:
    value = data.get(name, "1")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else 0


def _as_in(original: str | None, text: str) -> str:
    """A browser sends every line end as CR LF: give the text the ends its file has."""
    plain = text.replace("\r\n", "\n")
    return plain.replace("\n", "\r\n") if original and "\r\n" in original else plain
