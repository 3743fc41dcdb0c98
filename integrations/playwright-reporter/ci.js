// Which commit, branch and pull request this run is about: the CI's variables, else git.

import { execFileSync } from 'node:child_process';

/** @typedef {{sha: string, branch: string, pr: number|null, author: string, repo: string, ci: {service?: string, run?: string}}} Facts */

/** @type {Record<string, Record<string, string[]>>} each service's variables; the pytest plugin names the sources */
const SERVICES = {
  github: { is: ['GITHUB_ACTIONS'], sha: ['GITHUB_SHA'], branch: ['GITHUB_HEAD_REF', 'GITHUB_REF_NAME'], pr: ['GITHUB_REF'], author: ['GITHUB_ACTOR'], repo: ['GITHUB_REPOSITORY'], run: ['GITHUB_RUN_ID'] },
  gitlab: { is: ['GITLAB_CI'], sha: ['CI_COMMIT_SHA'], branch: ['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME', 'CI_COMMIT_REF_NAME'], pr: ['CI_MERGE_REQUEST_IID'], author: ['GITLAB_USER_LOGIN'], repo: ['CI_PROJECT_PATH'], run: ['CI_PIPELINE_ID'] },
  circleci: { is: ['CIRCLECI'], sha: ['CIRCLE_SHA1'], branch: ['CIRCLE_BRANCH'], pr: ['CIRCLE_PULL_REQUEST'], author: ['CIRCLE_USERNAME'], repo: ['CIRCLE_PROJECT_REPONAME'], run: ['CIRCLE_WORKFLOW_ID'] },
  buildkite: { is: ['BUILDKITE'], sha: ['BUILDKITE_COMMIT'], branch: ['BUILDKITE_BRANCH'], pr: ['BUILDKITE_PULL_REQUEST'], author: ['BUILDKITE_BUILD_AUTHOR'], repo: ['BUILDKITE_PIPELINE_SLUG'], run: ['BUILDKITE_BUILD_ID'] },
  azure: { is: ['TF_BUILD'], sha: ['BUILD_SOURCEVERSION'], branch: ['SYSTEM_PULLREQUEST_SOURCEBRANCH', 'BUILD_SOURCEBRANCHNAME'], pr: ['SYSTEM_PULLREQUEST_PULLREQUESTNUMBER'], author: ['BUILD_REQUESTEDFOR'], repo: ['BUILD_REPOSITORY_NAME'], run: ['BUILD_BUILDID'] },
  jenkins: { is: ['JENKINS_URL'], sha: ['GIT_COMMIT'], branch: ['CHANGE_BRANCH', 'BRANCH_NAME', 'GIT_BRANCH'], pr: ['CHANGE_ID'], author: ['CHANGE_AUTHOR'], repo: ['JOB_NAME'], run: ['BUILD_ID'] },
};

/** @param {Record<string, string|undefined>} environment @returns {Facts} */
export function facts(environment = process.env) {
  for (const [service, variables] of Object.entries(SERVICES)) {
    if (!variables.is.some((name) => environment[name])) continue;
    /** @param {string} fact */
    const first = (fact) => variables[fact].map((name) => environment[name]).find(Boolean) ?? '';
    return {
      sha: first('sha') || git('rev-parse', 'HEAD'),
      branch: first('branch').replace(/^refs\/heads\//, ''),
      pr: number(first('pr')),
      author: first('author'),
      repo: first('repo'),
      ci: { service, run: first('run') },
    };
  }
  const [sha, branch] = [git('rev-parse', 'HEAD'), git('rev-parse', '--abbrev-ref', 'HEAD')];
  return { sha, branch, pr: null, author: git('log', '-1', '--format=%an'), repo: '', ci: {} };
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
