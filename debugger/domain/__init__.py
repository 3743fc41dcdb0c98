"""Pure rules of the Debugger: scenario language, edits, policy. No Django, no I/O."""
