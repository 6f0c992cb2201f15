/** The formats of tables that are fuzzed. What packages of others decode is checked before and behind them. */
import { readFileSync } from 'node:fs';
import * as tables from '../../dist/tables/index.js';
import { constant, latin1 } from './material.mjs';
import { textFiles, textTokens } from './text_formats.mjs';

const { files } = JSON.parse(readFileSync(new URL('../golden/tables.json.golden', import.meta.url), 'utf8'));

/** Files that pyarrow made, of the ways that are named. */
const seedsOf = (format, how) =>
  files
    .filter((one) => one.format === format && how.test(one.how))
    .map(({ file }) => new Uint8Array(Buffer.from(file, 'base64')));

/** Zstandard's greatest ratio is 32,768, and batches may claim rows that take no room. */
const claimed = (file) => constant + 2 ** 24 + 4 * 32768 * file.length;
/** Every mutant is read with something for what is missing, so that it gets as far as it can. */
const options = { fillNull: 0, padLists: true };

export const tableFormats = {
  async parquet() {
    return {
      // Brotli is a package's of others, which believes what is claimed.
      seeds: seedsOf('parquet', /snappy|none|gzip|zstd|lz4|version 2|delta|split|index/),
      tokens: [
        'PAR1',
        '\x15\0',
        '\x15\x02',
        '\x15\x80\x80\x04',
        '\xff\xff\xff\xff\x0f',
        '\x80\x80\x80\x80\x01',
        '\x15\x04\x19',
        '\0\0\0\0',
        '\xff\xff\xff\x7f',
      ].map(latin1),
      read: (file) => tables.readParquet(file, options),
      // Each value of a page may take some room, and pages are inflated.
      bound: claimed,
    };
  },
  async arrow() {
    return {
      seeds: seedsOf('arrow', /file|stream|lz4|zstd/),
      tokens: [
        'ARROW1',
        '\xff\xff\xff\xff',
        '\xff\xff\xff\x7f',
        '\0\0\0\0',
        '\x01\0\0\0',
        '\x04"M\x18',
        '\xf0\xff\xff',
      ].map(latin1),
      read: (file) => tables.readArrow(file, options),
      bound: claimed,
    };
  },
  async csv() {
    const all = [
      {},
      { dtypes: { a: 'int16' } },
      { delimiter: ';', names: ['a', 'b'] },
      { comments: '#', skiprows: 1, quotechar: null },
    ];
    return {
      seeds: textFiles([
        'a,b,c\n1,2.5,x\n,4,"y,\n"\n',
        'a\n1\n2\n',
        '1;true\n2;false',
        'x\na,b\n1,nan # c\n',
      ]),
      tokens: textTokens,
      read: (file, index) => tables.readCsv(file, { ...options, ...all[Math.abs(index) % all.length] }),
      bound: (file) => constant + 64 * 1032 * file.length,
    };
  },
  async jsonl() {
    return {
      seeds: textFiles([
        '{"a": 1, "b": [1, 2], "c": "x"}\n{"a": 2.5, "b": [], "c": null}\n',
        '{"t": true}\n{"t": false}',
        '{"o": {"k": [null, "x"]}}',
      ]),
      tokens: textTokens,
      read: (file) => tables.readJsonl(file, options),
      bound: (file) => constant + 64 * 1032 * file.length,
    };
  },
};
