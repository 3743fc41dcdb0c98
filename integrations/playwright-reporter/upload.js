// Sending a bundle to Trace. A refusal is a result, never an exception.

import { readFile } from 'node:fs/promises';

/** @typedef {{url: string, key: string, project?: string}} Target */
/** @typedef {{link: string, problem: string}} Result */

/**
 * The same file sent again gives the same trace, so trying again is safe.
 * @param {string} path @param {Target} target @returns {Promise<Result>}
 */
export async function send(path, target) {
  const base = target.url.replace(/\/$/, '');
  const query = target.project ? `?${new URLSearchParams({ project: target.project })}` : '';
  try {
    const content = await readFile(path);
    const answer = await fetch(`${base}/v1/traces/ingest${query}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${target.key}`, 'Content-Type': 'application/zip' },
      body: content,
      redirect: 'error',
      // Half a minute to be answered, and time for the bytes on a slow line (128 KiB/s).
      signal: AbortSignal.timeout(30_000 + Math.ceil(content.length / 131)),
    });
    const body = await answer.json().catch(() => ({}));
    const link = body.short_id ? `${base}/traces/${body.short_id}` : base;
    if (answer.ok) return { link: body.notice ? `${link} (${body.notice})` : link, problem: '' };
    return { link: '', problem: `Trace answered ${answer.status}: ${body.message ?? answer.statusText}` };
  } catch (error) {
    return { link: '', problem: `Trace cannot be reached: ${error instanceof Error ? error.message : error}` };
  }
}
