#!/usr/bin/env node
// trace-send [DIR…]: sends the bundles a test run left, each once. Reads TRACE_URL, TRACE_KEY and TRACE_PROJECT.

import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { SUFFIX } from './bundle.js';
import { send } from './upload.js';

const { TRACE_URL: url = '', TRACE_KEY: key = '', TRACE_PROJECT: project = '' } = process.env;
const folders = process.argv.length > 2 ? process.argv.slice(2) : ['trace-bundles'];

if (!url || !key) {
  console.error('trace-send: set TRACE_URL and TRACE_KEY');
  process.exit(2);
}
/** A run in which nothing failed leaves no folder, or one in which all were sent before. */
async function names(folder) {
  const files = await readdir(folder).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    return [];
  });
  const found = files.filter((file) => file.endsWith(SUFFIX)).sort();
  if (!found.length) console.log(`${folder}: nothing to send`);
  return found;
}

for (const folder of folders) {
  for (const name of await names(folder)) {
    const path = join(folder, name);
    const { link, problem } = await send(path, { url, key, project });
    if (problem) process.exitCode = 1;
    else await rename(path, `${path}.sent`);
    console.log(`${name}: ${problem || link}`);
  }
}
