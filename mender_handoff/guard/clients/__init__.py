"""Systems outside Guard; Trace is one of them."""
