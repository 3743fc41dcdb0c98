"""Systems outside Trace, one module each."""
