// Which commit, branch and pull request this run is about: the CI's variables, else git.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** @typedef {{sha: string, branch: string, pr: number|null, author: string, repo: string, ci: {service?: string, run?: string}}} Facts */

/** @type {Record<string, Record<string, string[]>>} each service's variables; the pytest plugin names the sources */
const SERVICES = {
  github: { is: ['GITHUB_ACTIONS'], sha: ['GITHUB_SHA'], branch: ['GITHUB_HEAD_REF', 'GITHUB_REF_NAME'], pr: ['GITHUB_REF'], author: ['GITHUB_ACTOR'], repo: ['GITHUB_REPOSITORY'], run: ['GITHUB_RUN_ID'] },
  gitlab: { is: ['GITLAB_CI'], sha: ['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA', 'CI_COMMIT_SHA'], branch: ['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME', 'CI_COMMIT_REF_NAME'], pr: ['CI_MERGE_REQUEST_IID'], author: ['GITLAB_USER_LOGIN'], repo: ['CI_PROJECT_PATH'], run: ['CI_PIPELINE_ID'] },
  circleci: { is: ['CIRCLECI'], sha: ['CIRCLE_SHA1'], branch: ['CIRCLE_BRANCH'], pr: ['CIRCLE_PULL_REQUEST'], author: ['CIRCLE_USERNAME'], repo: ['CIRCLE_PROJECT_REPONAME'], run: ['CIRCLE_WORKFLOW_ID'] },
  buildkite: { is: ['BUILDKITE'], sha: ['BUILDKITE_COMMIT'], branch: ['BUILDKITE_BRANCH'], pr: ['BUILDKITE_PULL_REQUEST'], author: ['BUILDKITE_BUILD_AUTHOR'], repo: ['BUILDKITE_PIPELINE_SLUG'], run: ['BUILDKITE_BUILD_ID'] },
  azure: { is: ['TF_BUILD'], sha: ['SYSTEM_PULLREQUEST_SOURCECOMMITID', 'BUILD_SOURCEVERSION'], branch: ['SYSTEM_PULLREQUEST_SOURCEBRANCH', 'BUILD_SOURCEBRANCH'], pr: ['SYSTEM_PULLREQUEST_PULLREQUESTNUMBER', 'SYSTEM_PULLREQUEST_PULLREQUESTID'], author: ['BUILD_REQUESTEDFOR'], repo: ['BUILD_REPOSITORY_NAME'], run: ['BUILD_BUILDID'] },
  jenkins: { is: ['JENKINS_URL'], sha: ['GIT_COMMIT'], branch: ['CHANGE_BRANCH', 'BRANCH_NAME', 'GIT_BRANCH'], pr: ['CHANGE_ID'], author: ['CHANGE_AUTHOR'], repo: ['JOB_NAME'], run: ['BUILD_ID'] },
};

/** @param {Record<string, string|undefined>} environment @returns {Facts} */
export function facts(environment = process.env) {
  for (const [service, variables] of Object.entries(SERVICES)) {
    if (!variables.is.some((name) => environment[name])) continue;
    /** @param {string} fact */
    const first = (fact) => variables[fact].map((name) => environment[name]).find(Boolean) ?? '';
    const pull = service === 'github' ? pullRequest(environment) : null;
    return {
      sha: pull?.sha || first('sha') || git('rev-parse', 'HEAD'),
      branch: first('branch').replace(/^refs\/heads\//, '').replace(/^origin\//, ''),
      pr: number(first('pr')) ?? pull?.number ?? null,
      author: first('author'),
      repo: first('repo'),
      ci: { service, run: first('run') },
    };
  }
  // No branch where a commit is checked out by itself.
  const [sha, branch] = [git('rev-parse', 'HEAD'), git('symbolic-ref', '--short', '--quiet', 'HEAD')];
  return { sha, branch, pr: null, author: git('log', '-1', '--format=%an'), repo: '', ci: {} };
}

/**
 * What was pushed: of a pull request GITHUB_SHA is a merge made for the run.
 * @param {Record<string, string|undefined>} environment
 * @returns {{sha: string, number: number} | null}
 */
function pullRequest(environment) {
  try {
    const { head, number } = JSON.parse(readFileSync(environment.GITHUB_EVENT_PATH ?? '', 'utf8')).pull_request;
    return { sha: head.sha, number };
  } catch {
    return null;
  }
}

/** @param {string} text `17`, `refs/pull/17/merge` or `https://…/pull/17` @returns {number|null} */
function number(text) {
  const found = /^(?:.*\/pull\/)?(\d{1,9})(?:\/.*)?$/.exec(text);
  return found ? Number(found[1]) : null;
}

/** @param {string[]} args */
function git(...args) {
  try {
    return execFileSync('git', args, { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}
