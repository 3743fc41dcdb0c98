"""Pure rules of the hand-off: states, gates, evidence, signatures. No Django, no I/O."""
