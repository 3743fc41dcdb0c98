"""Makes the shop's bare git repository, with history and with pull-request branches that fail.

The demo and the tests use it. No part of the product reads it, or the regressions.
"""

from .build import build, create_pull_request_branch
from .random_regression import label_regression, random_regressions, route_regression
from .regressions import PullRequestRow, Regression, pull_requests, regressions

__all__ = [
    "PullRequestRow",
    "Regression",
    "build",
    "create_pull_request_branch",
    "label_regression",
    "pull_requests",
    "random_regressions",
    "regressions",
    "route_regression",
]
