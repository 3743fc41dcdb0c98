"""Which changes since the last green run the evidence leads to, with their commits."""

from dataclasses import dataclass

from debugger.domain.hunks import Hunk
from debugger.domain.suspects import Renamed, Suspect, rank, renamed
from debugger.tools.case import Case
from debugger.tools.clues import clues_of
from debugger.tools.code import Code
from trace_app.clients.git import Commit, GrepHit

# Below this, what a hunk shares with the evidence may be chance.
STRONG = 1.5
_MAX_STRONG = 4


@dataclass(frozen=True, slots=True)
class Lead:
    """A suspected change: its commit, and where the text it replaced is still in use."""

    suspect: Suspect
    commit: Commit | None
    renamed: Renamed | None
    left_over: tuple[GrepHit, ...]

    @property
    def hunk(self) -> Hunk:
        """The change itself."""
        return self.suspect.hunk


def leads(case: Case, code: Code) -> list[Lead]:
    """The strong suspects, most suspicious first."""
    ranked = rank(code.hunks, clues_of(case))
    strong = [suspect for suspect in ranked if suspect.score >= STRONG]
    return [_lead(code, suspect) for suspect in strong[:_MAX_STRONG]]


def _lead(code: Code, suspect: Suspect) -> Lead:
    change = renamed(suspect.hunk)
    left = code.search(change.old) if change else ()
    return Lead(suspect, code.commit_of(suspect.hunk), change, left)


def paths_of(found: list[Lead]) -> tuple[str, ...]:
    """The suspected files, most suspicious first."""
    return tuple(dict.fromkeys(lead.hunk.path for lead in found))
