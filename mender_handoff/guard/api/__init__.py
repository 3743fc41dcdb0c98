"""The Guard API, version 1."""
