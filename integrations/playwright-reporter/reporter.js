// A Playwright reporter that hands each failed test's own trace to Trace.
// Interface: https://playwright.dev/docs/api/class-reporter

import { unlink } from 'node:fs/promises';
import { relative } from 'node:path';
import { tail, writeBundle } from './bundle.js';
import { facts } from './ci.js';
import { send } from './upload.js';

/** @typedef {{url?: string, key?: string, project?: string, all?: boolean, dir?: string}} Options */

export default class TraceReporter {
  /** @param {Options} options */
  constructor(options = {}) {
    this.target = {
      url: options.url ?? process.env.TRACE_URL ?? '',
      key: options.key ?? process.env.TRACE_KEY ?? '',
      project: options.project ?? process.env.TRACE_PROJECT ?? '',
    };
    this.all = options.all ?? false;
    this.folder = options.dir ?? process.env.TRACE_DIR ?? 'trace-bundles';
    this.facts = facts();
    this.version = '';
    /** @type {Promise<string>[]} */
    this.deliveries = [];
  }

  /** @param {import('@playwright/test/reporter').FullConfig} config */
  onBegin(config) {
    this.version = config.version;
  }

  printsToStdio() {
    return false;
  }

  /** @param {import('@playwright/test/reporter').TestCase} test @param {import('@playwright/test/reporter').TestResult} result */
  onTestEnd(test, result) {
    if (result.status === 'skipped') return;
    // A test marked with test.fail() is expected to fail, and has failed when it passes.
    const failed = result.status !== test.expectedStatus;
    if (!failed && !this.all) return;
    const label = test.titlePath().filter(Boolean).join(' › ');
    this.deliveries.push(
      this.deliver(test, result, failed).then(
        (line) => `${label}: ${line}`,
        (error) => `${label}: not captured: ${error}`,
      ),
    );
  }

  async onEnd() {
    const lines = await Promise.all(this.deliveries);
    if (lines.length) console.log(['', 'Trace', ...lines.map((line) => `  ${line}`)].join('\n'));
  }

  /**
   * @param {import('@playwright/test/reporter').TestCase} test
   * @param {import('@playwright/test/reporter').TestResult} result
   * @param {boolean} failed
   */
  async deliver(test, result, failed) {
    const trace = result.attachments.find(({ name, path }) => name === 'trace' && path);
    const path = await writeBundle(this.folder, this.run(test, result, failed), trace?.path);
    if (!this.target.url || !this.target.key) return `kept in ${path}; send it with trace-send`;
    const { link, problem } = await send(path, this.target);
    if (problem) return `${problem}; kept in ${path}`;
    await unlink(path);
    return link;
  }

  /**
   * @param {import('@playwright/test/reporter').TestCase} test
   * @param {import('@playwright/test/reporter').TestResult} result
   * @param {boolean} failed
   */
  run(test, result, failed) {
    const file = relative(process.cwd(), test.location.file);
    // The same test of two projects, such as two browsers, is two tests.
    const project = test.parent.project()?.name;
    const title = test.titlePath().slice(3).join(' › ') + (project ? ` [${project}]` : '');
    const [error] = result.errors;
    /** @param {(string|Buffer)[]} chunks */
    const text = (chunks) => tail(chunks.map(String).join(''));
    return {
      schema: 1,
      status: failed ? 'failed' : 'passed',
      title,
      test: { id: `${file} › ${title}`, file },
      source: this.facts.pr ? 'pr' : this.facts.ci.service ? 'schedule' : 'manual',
      started_at: result.startTime.toISOString(),
      duration_ms: result.duration,
      error: error ? { message: error.message ?? String(error.value ?? ''), stack: error.stack ?? '' } : null,
      output: { stdout: text(result.stdout), stderr: text(result.stderr) },
      runner: { name: '@playwright/test', version: this.version },
      ...this.facts,
    };
  }
}
