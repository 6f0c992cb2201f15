/** Files of a data set that must be waited for. */
import { RuntimeError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import type { DatasetFile, DatasetSource } from './dataset_files.js';

/** Looks files up by name among those of `from`: in one of `folders`, if it is a URL. */
export class DatasetReader {
  private constructor(
    private readonly find: (name: string) => Promise<DatasetFile | null>,
    private readonly what: string,
  ) {}

  /**
   * @param from a URL, or files
   * @param folders under that URL, tried in this order
   * @param first a file (or one of several forms) that tells the right folder
   */
  static async open(
    from: DatasetSource,
    folders: readonly string[],
    first: readonly string[],
  ): Promise<DatasetReader> {
    if (typeof from !== 'string' && !(from instanceof URL)) {
      const files = new Map([...from].map((file) => [file.name, file]));
      const names = [...files.keys()].join(', ') || 'none';
      return new DatasetReader(async (name) => {
        const file = files.get(name);
        return file === undefined ? null : { path: name, bytes: new Uint8Array(await file.arrayBuffer()) };
      }, `the files given: ${names}`);
    }
    const base = String(from).replace(/\/$/, '');
    for (const folder of folders) {
      const find = async (name: string) => read([base, folder, name].filter((part) => part !== '').join('/'));
      for (const name of first) {
        const found = await find(name);
        // Not fetched twice.
        if (found !== null)
          return new DatasetReader(async (asked) => (asked === name ? found : find(asked)), base);
      }
    }
    throw new RuntimeError(
      `Dataset not found or corrupted. (no ${first.join(' or ')} in ${folders.map((folder) => [base, folder].filter((part) => part !== '').join('/')).join(' or ')})`,
    );
  }

  /** The first of these that there is. @throws RuntimeError if there is none */
  async read(...names: string[]): Promise<DatasetFile> {
    const found = await this.readIfThere(...names);
    if (found !== null) return found;
    throw new RuntimeError(`Dataset not found or corrupted. (no ${names.join(' or ')} in ${this.what})`);
  }

  async readIfThere(...names: string[]): Promise<DatasetFile | null> {
    for (const name of names) {
      const found = await this.find(name);
      if (found !== null) return found;
    }
    return null;
  }
}

/** A file by its address; null if there is none. */
export async function read(url: string): Promise<DatasetFile | null> {
  const source = await host().files.openIfThere(new URL(url, globalThis.location?.href));
  if (source === null) return null;
  try {
    return { path: url, bytes: await source.read(0, source.size) };
  } finally {
    await source.close();
  }
}

/** Memory that workers can see without copying, where the platform has it. */
export function sharedBytes(size: number): Uint8Array {
  return typeof SharedArrayBuffer === 'undefined'
    ? new Uint8Array(size)
    : new Uint8Array(new SharedArrayBuffer(size));
}
