/** Records of the files of CIFAR-10 and CIFAR-100. */
import { RuntimeError } from '../../core/errors.js';
import type { DatasetFile } from './dataset_files.js';
import { sharedBytes } from './reader.js';
import { fileIfThere, linesOf, notFound, type Reading, unpickling } from './set_reading.js';

const pixels = 3 * 32 * 32;

/** One of the two forms that the authors give. */
interface Form {
  /** The folder in the archive. */
  readonly folder: string;
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** The file that names the classes. */
  readonly meta: string;
}

/** A data set of this kind. */
export interface CifarKind {
  readonly owner: string;
  /** How many labels stand before an image: the last of them is the class. */
  readonly labelBytes: number;
  readonly classCount: number;
  /** The names of the classes, where the files need not say them. */
  readonly classes: readonly string[] | null;
  readonly binary: Form;
  readonly python: Form;
  /** Keys in the pickles: of the labels, and of the names of the classes. */
  readonly keys: { readonly labels: string; readonly classes: string };
}

const batches = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}`);

export const cifar10: CifarKind = {
  owner: 'CIFAR10',
  labelBytes: 1,
  classCount: 10,
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  binary: {
    folder: 'cifar-10-batches-bin',
    train: batches.map((name) => `${name}.bin`),
    test: ['test_batch.bin'],
    meta: 'batches.meta.txt',
  },
  python: { folder: 'cifar-10-batches-py', train: batches, test: ['test_batch'], meta: 'batches.meta' },
  keys: { labels: 'labels', classes: 'label_names' },
};

export const cifar100: CifarKind = {
  owner: 'CIFAR100',
  labelBytes: 2,
  classCount: 100,
  classes: null,
  binary: {
    folder: 'cifar-100-binary',
    train: ['train.bin'],
    test: ['test.bin'],
    meta: 'fine_label_names.txt',
  },
  python: { folder: 'cifar-100-python', train: ['train'], test: ['test'], meta: 'meta' },
  keys: { labels: 'fine_labels', classes: 'fine_label_names' },
};

export interface CifarRecords {
  /** The images one after the other, each as three planes of 32x32. */
  readonly data: Uint8Array;
  readonly targets: Uint8Array;
  readonly classes: readonly string[];
}

/** The files of a form in one of these folders; null if the first is in none. */
function* filesOf(
  form: Form,
  train: boolean,
  folders: readonly string[],
  owner: string,
): Reading<{ files: DatasetFile[]; meta: DatasetFile | null } | null> {
  const names = train ? form.train : form.test;
  for (const folder of folders) {
    const path = (name: string) => (folder === '' ? name : `${folder}/${name}`);
    const first = yield* fileIfThere(path(names[0]));
    if (first === null) continue;
    const files = [first];
    for (const name of names.slice(1)) {
      const file = yield* fileIfThere(path(name));
      if (file === null) throw notFound(owner, path(name));
      files.push(file);
    }
    return { files, meta: yield* fileIfThere(path(form.meta)) };
  }
  return null;
}

/** Reads either form: the binary one in the root or its folder, or Python's pickles. */
export function* cifarReading(kind: CifarKind, train: boolean): Reading<CifarRecords> {
  const { binary, python, owner } = kind;
  const binaries = yield* filesOf(binary, train, ['', binary.folder], owner);
  if (binaries !== null)
    return { ...parseRecords(binaries.files, kind), classes: classesOf(kind, binaries.meta, linesOf) };
  const pickles = yield* filesOf(python, train, [python.folder], owner);
  if (pickles === null)
    throw notFound(owner, `${(train ? binary.train : binary.test).join(', ')} or ${python.folder}`);
  const { meta, files } = pickles;
  const names = meta === null ? null : (yield* unpickling(meta))[kind.keys.classes];
  const contents: Readonly<Record<string, unknown>>[] = [];
  for (const file of files) contents.push(yield* unpickling(file));
  return {
    ...parsePickles(files, contents, kind),
    classes: classesOf(kind, meta, () => names as readonly string[]),
  };
}

function classesOf(
  { classes, classCount }: CifarKind,
  meta: DatasetFile | null,
  read: (meta: DatasetFile) => readonly string[],
): readonly string[] {
  if (meta === null) {
    if (classes !== null) return classes;
    throw new RuntimeError(
      'Dataset metadata file not found or corrupted. You can use download: true to download it',
    );
  }
  const names = read(meta);
  if (!Array.isArray(names) || names.length !== classCount)
    throw new RuntimeError(`${meta.path} names ${names?.length ?? 0} classes, expected ${classCount}`);
  return names;
}

/** The images and labels in pickles of NumPy's arrays, as Python's version has them. */
function parsePickles(
  files: readonly DatasetFile[],
  contents: readonly Readonly<Record<string, unknown>>[],
  { keys, classCount }: CifarKind,
): Omit<CifarRecords, 'classes'> {
  const parts = files.map((file, i) => {
    const { data, [keys.labels]: labels } = contents[i];
    if (!(data instanceof Uint8Array) || !Array.isArray(labels) || data.length !== labels.length * pixels)
      throw new RuntimeError(
        `${file.path} is damaged: it has no data of as many images as it has ${keys.labels}`,
      );
    const wrong = labels.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < classCount));
    if (wrong >= 0)
      throw new RuntimeError(
        `${file.path}: label ${wrong} is ${labels[wrong]}, expected 0 to ${classCount - 1}`,
      );
    return { data, labels: labels as number[] };
  });
  const count = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const data = sharedBytes(count * pixels);
  const targets = sharedBytes(count);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at * pixels);
    targets.set(part.labels, at);
    at += part.labels.length;
  }
  return { data, targets };
}

/** The images and labels in the contents of files. */
export function parseRecords(
  contents: readonly DatasetFile[],
  { labelBytes, classCount }: Pick<CifarKind, 'labelBytes' | 'classCount'> = cifar10,
): Omit<CifarRecords, 'classes'> {
  const recordSize = labelBytes + pixels;
  for (const { path, bytes } of contents) checkSize(path, bytes.length, recordSize);
  const count = contents.reduce((sum, { bytes }) => sum + bytes.length / recordSize, 0);
  const data = sharedBytes(count * pixels);
  const targets = sharedBytes(count);
  let i = 0;
  for (const { path, bytes } of contents) {
    for (let at = 0; at < bytes.length; at += recordSize, i++) {
      const label = bytes[at + labelBytes - 1];
      if (label >= classCount) {
        throw new RuntimeError(
          `${path}: the label at offset ${at + labelBytes - 1} (record ${at / recordSize}) is ${label}, expected 0 to ${classCount - 1}`,
        );
      }
      targets[i] = label;
      data.set(bytes.subarray(at + labelBytes, at + recordSize), i * pixels);
    }
  }
  return { data, targets };
}

function checkSize(path: string, size: number, recordSize: number): void {
  const rest = size % recordSize;
  if (size > 0 && rest === 0) return;
  throw new RuntimeError(
    size === 0
      ? `${path} is empty`
      : `${path} is truncated: ${size} bytes are ${Math.floor(size / recordSize)} records of ${recordSize} bytes ` +
          `and, from offset ${size - rest}, ${rest} bytes of another`,
  );
}
