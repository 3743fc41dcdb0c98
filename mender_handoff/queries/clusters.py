"""The attempts of a failure cluster. Reads only."""

from mender_handoff.models import MenderAttempt
from trace_app.models import Signature

SHOWN = 20


def attempts_of(signature: Signature) -> list[MenderAttempt]:
    """The newest attempts to fix this failure, at most twenty."""
    found = MenderAttempt.objects.filter(signature=signature)
    return list(found.select_related("trace", "promoted_by").order_by("-pk")[:SHOWN])
