/** Where data sets find their files. */
import { host } from '../../core/host.js';
import { accepting, defineParameterType } from '../../core/signature/parameter_types.js';

/** The place that a data set's files are read from: a folder (in browsers its URL), or the files themselves, as a user chose them. */
export type DatasetSource = string | URL | Iterable<File>;

declare module '../../core/signature/argument_types.js' {
  interface ParameterTypes {
    DatasetSource: DatasetSource;
  }
}
defineParameterType(
  'DatasetSource',
  accepting(
    (value) =>
      typeof value === 'string' ||
      value instanceof URL ||
      (typeof value === 'object' && value !== null && Symbol.iterator in value),
    'str, URL or list of Files',
  ),
);

/** Bytes that have been read, and where they were. */
export interface DatasetFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Whether a data set's files must be read asynchronously: all but those in a folder of a file system. */
export function isRemote(from: DatasetSource): from is URL | Iterable<File> {
  return typeof from !== 'string' || !host().files.isFileSystem;
}

/** The root that is named by a data set that was not read from a folder. */
export function rootName(from: DatasetSource): string {
  return typeof from === 'string' || from instanceof URL ? String(from) : 'File objects';
}
