"""Mender: from a received hand-off to a draft pull request, in stages that can each be repeated."""
