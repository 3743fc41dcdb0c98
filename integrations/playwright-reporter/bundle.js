// One test's bundle: the runner's own trace as it is, and run.json beside it. It numbers nothing.

import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zip } from './zip.js';

export const SUFFIX = '.trace-bundle.zip';
const OUTPUT_LIMIT = 256 * 1024;

/**
 * Write a bundle under its final name only when it is whole.
 * @param {string} folder
 * @param {{test: {id: string}} & Record<string, unknown>} run the content of run.json
 * @param {string|undefined} tracePath the runner's trace.zip
 * @returns {Promise<string>} the bundle's path
 */
export async function writeBundle(folder, run, tracePath) {
  const text = Buffer.from(JSON.stringify(run));
  const members = [
    { name: 'manifest.json', content: Buffer.from('{"version":1,"blobs":[]}') },
    { name: 'run.json', content: text },
  ];
  if (tracePath) members.push({ name: 'playwright.zip', content: await readFile(tracePath) });
  const readable = run.test.id.replace(/[^A-Za-z0-9]+/g, '-').slice(-80);
  const name = `${readable}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
  await mkdir(folder, { recursive: true });
  const partial = join(folder, `.${name}.partial`);
  await writeFile(partial, zip(members));
  const path = join(folder, name + SUFFIX);
  await rename(partial, path);
  return path;
}

/** The end of a captured output, where the error is. @param {string} text */
export const tail = (text) => (text.length <= OUTPUT_LIMIT ? text : `… (cut)\n${text.slice(-OUTPUT_LIMIT)}`);
