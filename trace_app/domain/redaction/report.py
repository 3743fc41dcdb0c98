"""What was masked: how often, where, by which rule, how late. Never a value."""

from collections import Counter
from typing import Any, Final

# How many events are named for each rule and place, so that a person can look at one.
_SEQS: Final = 3


class Report:
    """Counts while a redactor works; `place` and `seq` say where it is."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.seqs: dict[tuple[str, str], list[int]] = {}
        self.unscanned: Counter[str] = Counter()
        self.late = 0
        self.not_spread = 0
        self.place = ""
        self.seq: int | None = None

    def add(self, rule: str) -> None:
        """One value was masked here."""
        key = (str(rule), self.place)
        self.counts[key] += 1
        seqs = self.seqs.setdefault(key, [])
        if self.seq is not None and len(seqs) < _SEQS and self.seq not in seqs:
            seqs.append(self.seq)

    def to_json(self, *, values: int, not_spread: int = 0) -> dict[str, Any]:
        """The report as summary.json has it; `values` counts different values."""
        rules: Counter[str] = Counter()
        for (rule, _), times in self.counts.items():
            rules[rule] += times
        return {
            "values": values,
            "times": rules.total(),
            "late": self.late,
            "rules": dict(sorted(rules.items())),
            "where": [
                {"rule": rule, "place": place, "times": times, "seqs": self.seqs[(rule, place)]}
                for (rule, place), times in sorted(self.counts.items())
            ],
            "not_spread": self.not_spread + not_spread,
            "unscanned": dict(sorted(self.unscanned.items())),
            "pixels": "not scanned",
        }

    def load(self, stored: dict[str, Any]) -> None:
        """Goes on from a stored report: a live run is masked batch by batch."""
        for one in stored.get("where", []):
            key = (str(one["rule"]), str(one["place"]))
            self.counts[key] += int(one["times"])
            self.seqs[key] = list(one["seqs"])
        self.late += int(stored.get("late", 0))
        self.not_spread += int(stored.get("not_spread", 0))
        self.unscanned.update(stored.get("unscanned", {}))
