"""Which cited events exist, so that no citation is shown unchecked. Reads only."""

from django.contrib.auth.models import User

from debugger.domain.citations import Citation
from trace_app.models import Trace
from trace_app.permissions import VIEW, teams_with
from trace_app.queries.events import get_event


def steps_of(
    trace: Trace, asked: tuple[Citation, ...], reader: User | None
) -> dict[Citation, int | None]:
    """{citation: its event's step} of those that exist; what is missing here is invented.

    Another trace's event counts when the reader may see that trace; without a reader (the opening
    summary) when it belongs to the same project.
    """
    found: dict[Citation, int | None] = {}
    traces: dict[str, Trace | None] = {}
    for citation in asked:
        where: Trace | None = trace
        if citation.ref is not None:
            if citation.ref not in traces:
                traces[citation.ref] = _other(trace, citation.ref, reader)
            where = traces[citation.ref]
        event = get_event(where, citation.seq) if where is not None else None
        if event is not None:
            found[citation] = event.step
    return found


def _other(trace: Trace, short_id: str, reader: User | None) -> Trace | None:
    visible = Trace.objects.filter(short_id=short_id)
    if reader is None:
        return visible.filter(project=trace.project_id).first()
    return visible.filter(project__team__in=teams_with(reader, VIEW)).first()
