"""The JSON of the hand-off's API."""
