"""The tables of the bundled Guard and Mender."""

from mender_handoff.guard.models.check import GuardCheck, GuardRepository, GuardRun
from mender_handoff.guard.models.job import MenderJob, MenderStage, PullRequest

__all__ = [
    "GuardCheck",
    "GuardRepository",
    "GuardRun",
    "MenderJob",
    "MenderStage",
    "PullRequest",
]
