/** Records of the files of MNIST and its kind. */
import { uint8 } from '../../core/dtype.js';
import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import type { DatasetFile, DatasetSource } from './dataset_files.js';
import { unpacked } from './gzip.js';
import { parseIdx } from './idx.js';
import { DatasetReader, sharedBytes } from './reader.js';

export interface MnistRecords {
  /** The images one after the other. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** @param folder under the URL, if the files are not at it itself */
export async function fetchMnist(
  folder: string,
  from: DatasetSource,
  train: boolean,
  classCount: number,
): Promise<MnistRecords> {
  const forms = mnistFiles(train).map((name) => [name, `${name}.gz`]);
  const reader = await DatasetReader.open(from, [`${folder}/raw`, ''], forms[0]);
  const contents = forms.map(async (names) => unpacked(await reader.read(...names)));
  return parseMnist(await Promise.all(contents), classCount);
}

/** The images' and the labels'. */
export function mnistFiles(train: boolean): string[] {
  const split = train ? 'train' : 't10k';
  return [`${split}-images-idx3-ubyte`, `${split}-labels-idx1-ubyte`];
}

/** The images and labels in the contents of the two files. */
export function parseMnist(contents: readonly DatasetFile[], classCount: number): MnistRecords {
  const [images, labels] = contents.map(({ path, bytes }, i) => ({
    path,
    ...readBytes(path, bytes, i === 0 ? 3 : 1),
  }));
  const [count, height, width] = images.shape;
  if (labels.shape[0] !== count) {
    throw new RuntimeError(
      `${images.path} has ${count} images, but ${labels.path} has ${labels.shape[0]} labels`,
    );
  }
  const wrong = labels.data.findIndex((label) => label >= classCount);
  if (wrong >= 0) {
    throw new RuntimeError(
      `${labels.path}: label ${wrong} is ${labels.data[wrong]}, expected 0 to ${classCount - 1}`,
    );
  }
  return { pixels: shared(images.data), labels: shared(labels.data), height, width };
}

/** Bytes in so many dimensions, or torchvision's errors. */
function readBytes(path: string, contents: Uint8Array, ndim: number) {
  const array = parseIdx(path, contents);
  if (array.dtype !== uint8) {
    throw new TypeError(`${path}: x should be of dtype torch.uint8 instead of ${array.dtype}`);
  }
  if (array.shape.length !== ndim) {
    throw new ValueError(`${path}: x should have ${ndim} dimension instead of ${array.shape.length}`);
  }
  return array;
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = sharedBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
