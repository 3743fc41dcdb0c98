"""How long a team's traces stay hot, warm and cold: the policy and what it says of one trace's age.

Pure; which rows are due is a query, moving them an action.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MAX_DAYS: Final = 3650
# A person who thawed a trace has this long before the policy may freeze it again.
THAWED_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Policy:
    """Ages in days, counted from the trace's arrival; `delete_after` None keeps for ever."""

    warm_after: int = 14
    cold_after: int = 90
    delete_after: int | None = None

    def problem(self) -> str:
        """What is wrong with it, in words; "" when it can be kept."""
        ages = [self.warm_after, self.cold_after]
        ages += [] if self.delete_after is None else [self.delete_after]
        if not all(1 <= age <= MAX_DAYS for age in ages):
            return f"Every age is a number of days from 1 to {MAX_DAYS}."
        if ages != sorted(ages):
            return "A trace grows warm before it grows cold, and cold before it is deleted."
        return ""

    def limits(self, now: datetime) -> "Limits":
        """The moments before which a trace must have arrived to be due."""
        delete = None if self.delete_after is None else now - timedelta(days=self.delete_after)
        return Limits(
            warm=now - timedelta(days=self.warm_after),
            cold=now - timedelta(days=self.cold_after),
            delete=delete,
            thawed=now - THAWED_FOR,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """A policy at one moment; what arrived earlier than a limit is due."""

    warm: datetime
    cold: datetime
    delete: datetime | None
    thawed: datetime
