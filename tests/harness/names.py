"""Names as people give them, for pictures: the plain one, and where it is taken the next."""

from itertools import count
from typing import Any

from django.db.models import Model


def free[M: Model](model: type[M], field: str, wanted: str) -> str:
    """`wanted`, or the first of `wanted-2`, `wanted-3`, … that no row of the model has."""
    rows: Any = model._default_manager.filter(**{f"{field}__startswith": wanted})
    taken = set(rows.values_list(field, flat=True))
    if wanted not in taken:
        return wanted
    return next(name for no in count(2) if (name := f"{wanted}-{no}") not in taken)
