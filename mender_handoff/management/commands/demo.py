"""`make demo`: the whole product on one machine, with a check that fails, until Ctrl-C."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mender_handoff.demo.processes import StackError
from mender_handoff.demo.running import (
    DemoError,
    Place,
    running,
    stop_on_signals,
    wait_until_stopped,
)
from mender_handoff.demo.story import check_the_others, prepare, tell
from trace_app.project.postgres_binaries import PostgresError


class Command(BaseCommand):
    """Run PostgreSQL, web, worker and beat in the foreground and seed the demo."""

    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer a start without checks, for whoever wants only the running product."""
        parser.add_argument("--no-checks", action="store_true", help="Let Guard check nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, seed, tell, and wait for Ctrl-C."""
        if not settings.PORT.isdecimal() or not 0 < int(settings.PORT) < 65536:
            raise CommandError(f"PORT must be a number from 1 to 65535, not {settings.PORT!r}.")
        place = Place(settings.VAR_DIR, int(settings.PORT))
        try:
            with stop_on_signals(), running(place, self.say) as stack:
                seeded = prepare(place, self.say)
                checks = not options["no_checks"]
                tell(seeded, stack, self.say, checks=checks)
                others = check_the_others(seeded, self.say) if checks else iter(())
                wait_until_stopped(stack, others)
        except (DemoError, StackError, PostgresError) as error:
            raise CommandError(str(error)) from error

    def say(self, line: str) -> None:
        """Print one line at once: people watch this."""
        self.stdout.write(line)
        self.stdout.flush()
