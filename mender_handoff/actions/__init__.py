"""Writers of the hand-off: nothing else changes its rows."""
