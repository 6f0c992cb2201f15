/** Telling what a file is that is not what was asked for. */

/** Files of bytes, by what they begin with. */
const magics: readonly (readonly [magic: string, what: string])[] = [
  [
    'version https://git-lfs',
    'a pointer of Git LFS, not the file that it stands for: fetch that by `git lfs pull`',
  ],
  [
    '\x89HDF\r\n',
    'an HDF5 file (of Keras, say): read it in Python by h5py, and save its arrays by numpy.savez',
  ],
  ['GGUF', 'a GGUF file: convert it to .safetensors'],
  ['\x93NUMPY', 'an .npy file of NumPy: use torch.numpy.load'],
  ['\x1f\x8b', 'packed by gzip: unpack it first'],
  ['7z\xbc\xaf', 'packed by 7z: unpack it first'],
  ['BZh', 'packed by bzip2: unpack it first'],
  ['\xfd7zXZ', 'packed by xz: unpack it first'],
  ['\x28\xb5\x2f\xfd', 'packed by zstd: unpack it first'],
  ['PK\x03\x04', 'a zip archive: a checkpoint (torch.load) or an .npz file (torch.numpy.load)'],
  ...[2, 3, 4, 5].map(
    (protocol) => [`\x80${String.fromCharCode(protocol)}`, 'a pickle of Python: use torch.load'] as const,
  ),
];

/** Files of text, by how they begin. */
const texts: readonly (readonly [pattern: RegExp, what: string])[] = [
  [
    /^\s*<(?:!--|!doctype|html|head|body)/i,
    'an HTML page, such as sites send instead of a file: look at it, and at the address that it came from',
  ],
  [/^\s*<\?xml/, 'an XML document, such as stores of files send for errors'],
  [/^\s*[[{]/, 'text, it seems JSON'],
];

/** The kind of a file by its first bytes, for a sentence that begins with its name; null if they say nothing. */
export function kindOf(head: Uint8Array): string | null {
  const start = String.fromCharCode(...head.subarray(0, 64));
  const known =
    magics.find(([magic]) => start.startsWith(magic)) ?? texts.find(([pattern]) => pattern.test(start));
  if (known !== undefined) return known[1];
  return start.slice(8, 10) === '{"' ? 'a .safetensors file: use torch.safetensors.loadFile' : null;
}
