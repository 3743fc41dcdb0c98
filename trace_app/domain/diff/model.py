"""The result of comparing two traces, and its JSON form. Holds data only; nothing here compares."""

from dataclasses import asdict, dataclass, field
from typing import Any

DIMENSIONS = ("steps", "network", "console", "clones", "storage", "dom")


@dataclass(frozen=True, slots=True)
class Row:
    """One difference. `change` is changed, added (only in b) or removed (only in a).

    `before` and `after` are short texts for people; `detail` keeps typed values for programs.
    A `minor` row (static files, log lines without level) is kept but never the first divergence.
    """

    change: str
    key: str
    before: str | None
    after: str | None
    step_a: int | None = None
    step_b: int | None = None
    seq_a: int | None = None
    seq_b: int | None = None
    minor: bool = False
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dimension:
    """All differences of one kind in order. `first_divergence` is an index into `rows`.

    `captured_a`/`captured_b` say whether the record holds anything of the kind at all, so that
    "nothing captured" never reads as "nothing changed".
    """

    name: str
    rows: tuple[Row, ...]
    first_divergence: int | None
    captured_a: bool
    captured_b: bool

    @property
    def first(self) -> Row | None:
        """The row of the first divergence."""
        return None if self.first_divergence is None else self.rows[self.first_divergence]


@dataclass(frozen=True, slots=True)
class Regression:
    """Something worse in b. `kind`: step, network, page_error, clone_value. `seq` is b's."""

    kind: str
    detail: str
    seq: int | None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class TraceDiff:
    """Comparison of a (the older) with b (the newer). `first_step` is where comparing begins."""

    a: str
    b: str
    sentence: str
    dimensions: dict[str, Dimension]
    new_regressions: tuple[Regression, ...]
    first_step: int = 1

    @property
    def identical(self) -> bool:
        """Whether nothing but minor rows differs."""
        return all(d.first_divergence is None for d in self.dimensions.values())

    def to_json(self) -> dict[str, Any]:
        """Plain dicts and lists, `schema` 1; `from_json` gives an equal object back."""
        return {
            "schema": 1,
            "a": self.a,
            "b": self.b,
            "sentence": self.sentence,
            "first_step": self.first_step,
            "identical": self.identical,
            "dimensions": {name: asdict(dim) for name, dim in self.dimensions.items()},
            "new_regressions": [asdict(item) for item in self.new_regressions],
        }


def from_json(raw: dict[str, Any]) -> TraceDiff:
    """Read what `to_json` wrote. Raises KeyError or TypeError when it is something else."""
    return TraceDiff(
        a=raw["a"],
        b=raw["b"],
        sentence=raw["sentence"],
        first_step=raw.get("first_step", 1),
        dimensions={name: _dimension(dim) for name, dim in raw["dimensions"].items()},
        new_regressions=tuple(Regression(**item) for item in raw["new_regressions"]),
    )


def _dimension(raw: dict[str, Any]) -> Dimension:
    return Dimension(**{**raw, "rows": tuple(Row(**row) for row in raw["rows"])})
