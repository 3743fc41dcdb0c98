"""Proposes edits: from a person's words, or from the changes the evidence leads to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from debugger.domain.changes import REVERT, Change
from debugger.domain.edits import Edits, SourceDiff
from debugger.domain.hunks import Hunk, HunkError, revert_hunks
from debugger.domain.proposals import (
    Candidate,
    Draft,
    Hints,
    apply,
    candidates,
    choose,
    search_words,
)
from debugger.domain.suspects import Clue, rank, words
from debugger.domain.wording import bullet, code, plural
from debugger.tools.case import Case
from debugger.tools.clues import clues_of
from debugger.tools.code import Code, CodeUnavailable
from debugger.tools.investigate import Lead, leads, paths_of

_MAX_LISTED = 6
_FIX_SCORE = -1.0


@dataclass(slots=True)
class Drafted:
    """Edits as far as they are clear: what was done, and what must be asked back."""

    draft: Draft = field(default_factory=Draft)
    done: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def edits(self, scenario_path: str) -> Edits:
        """The drafts as the contract's edits; the scenario's own diff stands apart."""
        diffs = self.draft.diffs()
        scenario = diffs.pop(scenario_path, None)
        return Edits(scenario, tuple(SourceDiff(path, diff) for path, diff in diffs.items()))


class Editor:
    """Drafts edits for one trace at its commit. Writes nothing."""

    def __init__(self, case: Case, source: Code) -> None:
        self.case = case
        self.source = source

    def from_words(self, changes: Iterable[Change]) -> Drafted:
        """Each named change applied where it can only mean one place, else asked back."""
        drafted = Drafted()
        hints = self._hints()
        for change in changes:
            if change.kind == REVERT:
                self._revert_named(change, drafted)
            else:
                self._edit(change, hints, drafted)
        return drafted

    def suggested(self) -> Drafted:
        """What the suspected changes need: their forgotten other half, else taking them back."""
        drafted = Drafted()
        for lead in leads(self.case, self.source):
            if not self._finish(lead, drafted):
                self._revert([lead.hunk], drafted)
        return drafted

    def _hints(self) -> Hints:
        found = leads(self.case, self.source)
        strong = [clue.text for clue in clues_of(self.case) if clue.weight >= 1.5]
        return Hints(
            scenario_path=self.case.trace.scenario_path,
            scenario_line=self.case.line_of(self.case.failing_step),
            suspect_paths=paths_of(found),
            changed_paths=frozenset(hunk.path for hunk in self.source.hunks),
            tokens=tuple(strong[:20]),
        )

    def _edit(self, change: Change, hints: Hints, drafted: Drafted) -> None:
        files = self.source.files_with(search_words(change))
        overlaid = {path: drafted.draft.text(path, text) or "" for path, text in files.items()}
        found = candidates(change, overlaid, hints)
        if not found:
            drafted.questions.append(self._not_found(change))
            return
        chosen = choose(found)
        if not chosen:
            drafted.questions.append(_which(change, found))
            return
        apply(drafted.draft, files, chosen)
        drafted.done.extend(_told(item) for item in chosen)

    def _not_found(self, change: Change) -> str:
        scope = f" in {code(change.path)}" if change.path else ""
        text = f"{code(change.old)} does not stand{scope} in the source at {self.source.sha[:7]}."
        near = [hit for word in words(change.old) for hit in self.source.search(word, 3)]
        lines = [bullet(f"{code(f'{hit.path}:{hit.line}')} {code(hit.text, 100)}") for hit in near]
        if not lines:
            return text
        return "\n".join([f"{text} Lines that come near:", *dict.fromkeys(lines[:_MAX_LISTED])])

    def _finish(self, lead: Lead, drafted: Drafted) -> bool:
        """Carry a rename over to where the old text still stands; False when it stands nowhere."""
        if lead.renamed is None:
            return False
        change = Change("replace", lead.renamed.old, lead.renamed.new)
        files = self.source.files_with((change.old,))
        found = candidates(change, files, self._hints())
        chosen = [item for item in found if item.score > _FIX_SCORE]
        apply(drafted.draft, files, chosen)
        drafted.done.extend(_told(item) for item in chosen)
        return bool(chosen)

    def _revert_named(self, change: Change, drafted: Drafted) -> None:
        named = self._named_hunks(change)
        if named:
            self._revert(named, drafted)
            return
        since = "since the last green run" if self.source.base else "(no green run to compare with)"
        listed = [bullet(_hunk_line(hunk)) for hunk in self.source.hunks[:_MAX_LISTED]]
        text = f"I know no change {since} that {code(change.old)} describes."
        drafted.questions.append("\n".join([f"{text} There are:", *listed] if listed else [text]))

    def _named_hunks(self, change: Change) -> list[Hunk]:
        """Hunks by path, by commit, else by the words, all of the file that matches best."""
        hunks = self.source.hunks
        by_path = [h for h in hunks if h.path.endswith((change.path or change.old).strip("/"))]
        if by_path:
            return by_path
        for commit in self.source.commits:
            if len(change.old) >= 7 and commit.sha.startswith(change.old):
                return [h for h in hunks if self.source.commit_of(h) == commit]
        clues = [Clue(word, 1.0, word, None) for word in words(change.old)]
        ranked = [suspect for suspect in rank(hunks, clues) if suspect.score > 0]
        return [s.hunk for s in ranked if s.hunk.path == ranked[0].hunk.path]

    def _revert(self, hunks: Sequence[Hunk], drafted: Drafted) -> None:
        for path in dict.fromkeys(hunk.path for hunk in hunks):
            mine = [hunk for hunk in hunks if hunk.path == path]
            try:
                original = self.source.read(path)
                text = drafted.draft.text(path, original) or ""
                drafted.draft.put(path, original, revert_hunks(text, mine))
            except (CodeUnavailable, HunkError) as error:
                drafted.questions.append(f"{code(path)} cannot be taken back: {error}")
                continue
            drafted.done.extend(f"{_hunk_line(hunk)} taken back" for hunk in mine)


def _told(item: Candidate) -> str:
    return f"{code(item.place)}: {code(item.before, 120)} → {code(item.after, 120)}"


def _which(change: Change, found: Sequence[Candidate]) -> str:
    lines = [bullet(f"{code(c.place)} {code(c.before, 100)}") for c in found[:_MAX_LISTED]]
    rest = len(found) - len(lines)
    more = [bullet(f"and {plural(rest, 'more place')}")] if rest else []
    hint = f"Say which one by adding {code(f'in {found[0].place}')} to the change."
    return "\n".join([f"{code(change.old)} may mean several places:", *lines, *more, hint])


def _hunk_line(hunk: Hunk) -> str:
    line = (hunk.added or hunk.removed or ("",))[0]
    return f"{code(f'{hunk.path}:{hunk.first_line}')} {code(line, 100)}"
