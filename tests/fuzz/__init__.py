"""Fuzzing of what strangers send, by coverage: `make fuzz`. No part of the test run."""
