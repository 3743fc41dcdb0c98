"""Reading what was kept unread, once this Trace knows its format."""

import logging

from trace_app.actions.ingest import ingest_upload
from trace_app.actions.intake import IngestError
from trace_app.domain.playwright import NEWEST_FORMAT
from trace_app.domain.system import System
from trace_app.models import Trace
from trace_app.storage import unread
from trace_app.storage.spool import spool_file

logger = logging.getLogger(__name__)


def read_kept(*, by: System) -> tuple[list[Trace], int]:
    """The traces that became readable, and how many are still kept unread."""
    waiting = Trace.objects.filter(runner__unread__isnull=False).select_related("project__team")
    known = waiting.filter(runner__unread__lte=NEWEST_FORMAT)
    read = [trace for trace in known if _read(by, trace)]
    return read, waiting.count()


def _read(by: System, trace: Trace) -> bool:
    with spool_file(".zip") as path:
        if not unread.restore(trace, path):
            return False
        try:
            ingest_upload(by=by, project=trace.project, path=path, source=trace.source)
        except IngestError as error:
            logger.warning("%s stays unread: %s", trace.short_id, error)
            return False
    return True
