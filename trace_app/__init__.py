"""WHAT HAPPENED: traces, ingest, viewer, sharing, teams. It imports neither other app."""
