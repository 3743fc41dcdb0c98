"""The closed set of words for a check or a run that has ended."""

ENDED = ("passed", "failed", "error", "canceled")
