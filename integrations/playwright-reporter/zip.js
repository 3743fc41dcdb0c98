// Writing a small zip whose members are stored, not compressed: a Playwright trace is compressed already.
// Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT sections 4.3.7, 4.3.12 and 4.3.16.

import zlib from 'node:zlib';

const VERSION = 20;
const UTF8_NAMES = 0x0800;
const LIMIT = 0xffffffff;

/** @typedef {{name: string, content: Buffer}} Member */

/**
 * @param {Member[]} members
 * @returns {Buffer} the whole zip
 * @throws {RangeError} above 4 GiB, which would need zip64
 */
export function zip(members) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, content } of members) {
    const label = Buffer.from(name, 'utf8');
    const common = Buffer.alloc(26);
    common.writeUInt16LE(VERSION, 0);
    common.writeUInt16LE(UTF8_NAMES, 2);
    // A fixed date (1 January 1980): the same run gives the same bytes.
    common.writeUInt32LE(0x00210000, 6);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(label.length, 22);
    parts.push(signature(0x04034b50), common, label, content);
    directory.push({ common, label, offset });
    offset += 30 + label.length + content.length;
  }
  if (offset > LIMIT) throw new RangeError('a bundle above 4 GiB cannot be written');
  const central = directory.flatMap(({ common, label, offset: at }) => entry(common, label, at));
  const size = central.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([...parts, ...central, end(directory.length, size, offset)]);
}

/** @param {Buffer} common @param {Buffer} label @param {number} offset */
function entry(common, label, offset) {
  const made = Buffer.alloc(2);
  made.writeUInt16LE(VERSION, 0);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(offset, 10);
  return [signature(0x02014b50), made, common, rest, label];
}

/** @param {number} count @param {number} size @param {number} offset */
function end(count, size, offset) {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}

/** @param {number} number */
function signature(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number, 0);
  return bytes;
}

const TABLE = Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

/** @param {Buffer} content @returns {number} zlib has it from Node 20.15 and 22.2 on */
function crc32(content) {
  if ('crc32' in zlib) return zlib.crc32(content);
  let value = LIMIT;
  for (const byte of content) value = TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ LIMIT) >>> 0;
}
