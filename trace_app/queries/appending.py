"""What a batch goes on from: asked in one statement, when the trace's row is locked.

Not together with the lock: a statement that waited for it would tell what was true before.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from trace_app.domain.events import RIBBONS
from trace_app.domain.redaction import RuleSet
from trace_app.models import Trace
from trace_app.models.prepared import fetch
from trace_app.queries.redaction import compiled

# One look into the index per ribbon, however many chunks a trace has.
_HELD: Final = """
    SELECT
        ARRAY(SELECT ARRAY[kind, value, name] FROM trace_app_redactionrule WHERE team_id = %s),
        redaction.sealed, coalesce(redaction.behind, false), own.density::text,
        ARRAY(
            SELECT coalesce((
                SELECT max(number) + 1 FROM trace_app_eventchunk AS chunk
                WHERE chunk.trace_id = trace.id AND chunk.ribbon = lane.ribbon), 0)
            FROM unnest(%s::text[]) WITH ORDINALITY AS lane(ribbon, place) ORDER BY place)
    FROM (SELECT %s::uuid AS id) AS trace
    LEFT JOIN trace_app_liveredaction AS redaction ON redaction.trace_id = trace.id
    LEFT JOIN trace_app_eventindex AS own ON own.trace_id = trace.id
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of a running trace beside its row.

    `sealed` is what redaction has learned, empty where that is nothing; `behind` whether stored
    chunks are still to be scrubbed; `density` the bins, empty before the first batch; `first_no`
    the number of each ribbon's next chunk.
    """

    rules: RuleSet
    sealed: bytes
    behind: bool
    density: dict[str, Any]
    first_no: dict[str, int]


def held(trace: Trace) -> Held:
    """What the locked trace has so far, and its team's rules as they are now."""
    asked = [trace.project.team_id, list(RIBBONS), trace.pk]
    [(rules, sealed, behind, density, numbers)] = fetch(_HELD, asked)
    return Held(
        rules=compiled(rules),
        sealed=bytes(sealed or b""),
        behind=behind,
        density=msgspec.json.decode(density) if density else {},
        first_no=dict(zip(RIBBONS, numbers, strict=True)),
    )
