"""Which commit, branch and pull request this run is about: the CI's variables, else git."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Per service: a variable that tells it is this one, then where each fact stands.
# GitHub: https://docs.github.com/actions/reference/variables-reference
# GitLab: https://docs.gitlab.com/ci/variables/predefined_variables/
# CircleCI: https://circleci.com/docs/variables/
# Buildkite: https://buildkite.com/docs/pipelines/environment-variables
# Azure: https://learn.microsoft.com/azure/devops/pipelines/build/variables
# Jenkins: the git and multibranch plugins
SERVICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "github": {
        "is": ("GITHUB_ACTIONS",),
        "sha": ("GITHUB_SHA",),
        "branch": ("GITHUB_HEAD_REF", "GITHUB_REF_NAME"),
        "pr": ("GITHUB_REF",),
        "author": ("GITHUB_ACTOR",),
        "repo": ("GITHUB_REPOSITORY",),
        "run": ("GITHUB_RUN_ID",),
    },
    "gitlab": {
        "is": ("GITLAB_CI",),
        # In a pipeline of merged results the commit is GitLab's own.
        "sha": ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"),
        "branch": ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME"),
        "pr": ("CI_MERGE_REQUEST_IID",),
        "author": ("GITLAB_USER_LOGIN",),
        "repo": ("CI_PROJECT_PATH",),
        "run": ("CI_PIPELINE_ID",),
    },
    "circleci": {
        "is": ("CIRCLECI",),
        "sha": ("CIRCLE_SHA1",),
        "branch": ("CIRCLE_BRANCH",),
        "pr": ("CIRCLE_PULL_REQUEST",),
        "author": ("CIRCLE_USERNAME",),
        "repo": ("CIRCLE_PROJECT_REPONAME",),
        "run": ("CIRCLE_WORKFLOW_ID",),
    },
    "buildkite": {
        "is": ("BUILDKITE",),
        "sha": ("BUILDKITE_COMMIT",),
        "branch": ("BUILDKITE_BRANCH",),
        "pr": ("BUILDKITE_PULL_REQUEST",),
        "author": ("BUILDKITE_BUILD_AUTHOR",),
        "repo": ("BUILDKITE_PIPELINE_SLUG",),
        "run": ("BUILDKITE_BUILD_ID",),
    },
    "azure": {
        "is": ("TF_BUILD",),
        "sha": ("SYSTEM_PULLREQUEST_SOURCECOMMITID", "BUILD_SOURCEVERSION"),
        "branch": ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH"),
        "pr": ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "SYSTEM_PULLREQUEST_PULLREQUESTID"),
        "author": ("BUILD_REQUESTEDFOR",),
        "repo": ("BUILD_REPOSITORY_NAME",),
        "run": ("BUILD_BUILDID",),
    },
    "jenkins": {
        "is": ("JENKINS_URL",),
        "sha": ("GIT_COMMIT",),
        "branch": ("CHANGE_BRANCH", "BRANCH_NAME", "GIT_BRANCH"),
        "pr": ("CHANGE_ID",),
        "author": ("CHANGE_AUTHOR",),
        "repo": ("JOB_NAME",),
        "run": ("BUILD_ID",),
    },
}


def facts(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return sha, branch, pr (a number or None), author, repo, and `ci` {service, run}."""
    for name, variables in SERVICES.items():
        if any(environment.get(variable) for variable in variables["is"]):
            return _from_service(name, variables, environment)
    return {
        "sha": _git("rev-parse", "HEAD"),
        # None where a commit is checked out by itself.
        "branch": _git("symbolic-ref", "--short", "--quiet", "HEAD"),
        "pr": None,
        "author": _git("log", "-1", "--format=%an"),
        "repo": "",
        "ci": {},
    }


def _from_service(
    name: str, variables: Mapping[str, tuple[str, ...]], environment: Mapping[str, str]
) -> dict[str, Any]:
    def first(fact: str) -> str:
        return next((environment[v] for v in variables[fact] if environment.get(v)), "")

    pull = _pull_request(environment) if name == "github" else {}
    return {
        "sha": pull.get("sha") or first("sha") or _git("rev-parse", "HEAD"),
        "branch": first("branch").removeprefix("refs/heads/").removeprefix("origin/"),
        "pr": _number(first("pr")) or pull.get("number"),
        "author": first("author"),
        "repo": first("repo"),
        "ci": {"service": name, "run": first("run")},
    }


def _pull_request(environment: Mapping[str, str]) -> dict[str, Any]:
    """Find what was pushed: of a pull request GITHUB_SHA is a merge made for the run."""
    try:
        event = json.loads(Path(environment.get("GITHUB_EVENT_PATH", "")).read_text("utf-8"))
        pull = event["pull_request"]
        return {"sha": str(pull["head"]["sha"]), "number": int(pull["number"])}
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def _number(text: str) -> int | None:
    """Find the pull request in `17`, `refs/pull/17/merge` or `https://…/pull/17`."""
    found = re.fullmatch(r"(?:.*/pull/)?(\d{1,9})(?:/.*)?", text)
    return int(found[1]) if found else None


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
