"""`manage.py attempt_states`.

Print docs/explanation/attempt-states.md from the transition table.
"""

from django.core.management.base import BaseCommand

from mender_handoff.domain.attempt_states import document


class Command(BaseCommand):
    """Redirect the output into the file; a test compares them."""

    help = "Print the attempt states and their diagram as Markdown."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        """Print the document."""
        self.stdout.write(document(), ending="")
