"""The actor of changes that no person made; its name goes to the audit trail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class System:
    """A part of the product acting by itself, e.g. `System("guard webhook")`."""

    name: str
