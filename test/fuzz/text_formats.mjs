/** The formats of text that are fuzzed. */
import { gzipSync } from 'node:zlib';
import * as torch from '../../dist/index.js';
import { inflated, latin1 } from './material.mjs';

/** Numbers, delimiters, quotes and what else means something in text. */
export const textTokens = [
  ...[' ', ',', ';', '\n', '\r\n', '\r', '\t', '#', '"', '""', "'", '-', '+', '.', 'e', 'j', '(', ')', '\0'],
  ...[
    'nan',
    '-inf',
    '1e999',
    '9223372036854775808',
    '0x1',
    '1_0',
    'True',
    '\xef\xbb\xbf',
    '\xff',
    '\xc3\xa9',
  ],
  ...['{', '}', '[', ']', ':', 'null', '\\u0041'],
].map(latin1);

export const textFiles = (texts) => texts.map((text) => new Uint8Array(latin1(text)));

/** One of several options for each mutant. */
const oneOf = (options, index) => options[Math.abs(index) % options.length];

export const textFormats = {
  async loadtxt() {
    const seeds = textFiles(['1 2\n3 4\n', '# a\n1.5e3,-inf\n"2",nan\n', '1+2j;(3-4j)\r\n5;6j', '']);
    seeds.push(new Uint8Array(gzipSync(seeds[0])));
    const options = [
      {},
      { delimiter: ',', quotechar: '"' },
      { delimiter: ';', dtype: 'complex' },
      { dtype: 'int', ndmin: 2, usecols: [-1] },
      { dtype: 'str' },
      { dtype: { a: 'int8', b: 'str' }, unpack: true, maxRows: 2 },
    ];
    return {
      seeds,
      tokens: textTokens,
      read: (file, index) => torch.numpy.loadtxt(file, oneOf(options, index)),
      bound: inflated,
    };
  },
  async genfromtxt() {
    const options = [
      { delimiter: ',', names: true, dtype: null },
      { names: true },
      { delimiter: [2, 3], dtype: null },
      { dtype: null, invalidRaise: false },
      { delimiter: ',', missingValues: 'x', fillingValues: 7, loose: false, usecols: [0, -1] },
      { dtype: ['int16', 'str'], skipFooter: 1 },
    ];
    return {
      seeds: textFiles(['a, b,c\n1,2.5,x\n,4,y\n', '# n m\n1 True\n2 False\n', '12.5abc\n', '1 1+2j\n\n3 4']),
      tokens: textTokens,
      read: (file, index) => torch.numpy.genfromtxt(file, oneOf(options, index)),
      bound: inflated,
    };
  },
};
