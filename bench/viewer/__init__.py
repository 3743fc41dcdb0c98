"""The trace page and Playwright's own viewer, timed in one run by one method."""
