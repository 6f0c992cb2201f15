/** Records of the files of CIFAR-10. */
import { RuntimeError } from '../../core/errors.js';
import type { DatasetFile, DatasetSource } from './dataset_files.js';
import { DatasetReader, sharedBytes } from './reader.js';

const pixels = 3 * 32 * 32;
/** A label, then the red, green and blue planes. */
const recordSize = 1 + pixels;
/** The folder in the archive. */
export const cifarFolder = 'cifar-10-batches-bin';
export const cifarMeta = 'batches.meta.txt';
export const trainFiles = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
export const testFiles = ['test_batch.bin'];
const classNames = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

export interface CifarRecords {
  /** The images one after the other, each as three planes of 32x32. */
  readonly data: Uint8Array;
  readonly targets: Uint8Array;
  readonly classes: readonly string[];
}

export async function fetchCifar(from: DatasetSource, train: boolean): Promise<CifarRecords> {
  const files = train ? trainFiles : testFiles;
  const reader = await DatasetReader.open(from, ['', cifarFolder], [files[0]]);
  const contents = await Promise.all(files.map((file) => reader.read(file)));
  return parseCifar(contents, await reader.readIfThere(cifarMeta));
}

/** @param meta the file that names the classes, if there is one */
export function parseCifar(contents: readonly DatasetFile[], meta: DatasetFile | null): CifarRecords {
  return { ...parseRecords(contents), classes: meta === null ? classNames : readClasses(meta) };
}

/** The images and labels in the contents of files. */
export function parseRecords(contents: readonly DatasetFile[]): Omit<CifarRecords, 'classes'> {
  for (const { path, bytes } of contents) checkSize(path, bytes.length);
  const count = contents.reduce((sum, { bytes }) => sum + bytes.length / recordSize, 0);
  const data = sharedBytes(count * pixels);
  const targets = sharedBytes(count);
  let i = 0;
  for (const { path, bytes } of contents) {
    for (let at = 0; at < bytes.length; at += recordSize, i++) {
      const label = bytes[at];
      if (label >= classNames.length) {
        throw new RuntimeError(
          `${path}: the label at offset ${at} (record ${at / recordSize}) is ${label}, expected 0 to ${classNames.length - 1}`,
        );
      }
      targets[i] = label;
      data.set(bytes.subarray(at + 1, at + recordSize), i * pixels);
    }
  }
  return { data, targets };
}

function checkSize(path: string, size: number): void {
  const rest = size % recordSize;
  if (size > 0 && rest === 0) return;
  throw new RuntimeError(
    size === 0
      ? `${path} is empty`
      : `${path} is truncated: ${size} bytes are ${Math.floor(size / recordSize)} records of ${recordSize} bytes ` +
          `and, from offset ${size - rest}, ${rest} bytes of another`,
  );
}

function readClasses({ path, bytes }: DatasetFile): string[] {
  const names = new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .filter((line) => line !== '');
  if (names.length !== classNames.length) {
    throw new RuntimeError(`${path} names ${names.length} classes, expected ${classNames.length}`);
  }
  return names;
}
