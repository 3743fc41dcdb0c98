"""Measurements, apart from the tests: they print figures and never pass or fail."""
