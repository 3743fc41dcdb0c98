"""Template helpers of the hand-off."""
