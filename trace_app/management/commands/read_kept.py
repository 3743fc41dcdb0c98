"""`manage.py read_kept`: after an update, read the uploads whose format was too new before."""

from typing import Any

from django.core.management.base import BaseCommand

from trace_app.actions.unread import read_kept
from trace_app.domain.system import System
from trace_app.serializers.traces import permalink


class Command(BaseCommand):
    """Each keeps its address; running it again changes nothing."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the address of each trace that was read, and how many still wait."""
        read, waiting = read_kept(by=System("manage.py read_kept"))
        for trace in read:
            self.stdout.write(permalink(trace))
        self.stdout.write(f"{len(read)} read, {waiting} still of a newer format.")
