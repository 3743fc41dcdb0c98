"""Files that Guard keeps for a while."""
