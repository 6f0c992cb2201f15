/** The folder of a checkpoint, in Node. Its data files are new ones at each time, so that a checkpoint that is there stays whole until another takes its place. */
import type { FileHandle } from 'node:fs/promises';
import { NotImplementedError, RuntimeError } from '../../core/errors.js';
import { metadataName } from './metadata.js';

const dataFile = /^__\d+_\d+\.distcp$/;

/** Node's modules. @throws NotImplementedError elsewhere */
function node() {
  const builtin = globalThis.process?.getBuiltinModule;
  if (builtin === undefined)
    throw new NotImplementedError(
      'checkpoints of many processes are folders of files, which there are in Node alone: use torch.save',
    );
  return { fs: builtin('node:fs/promises'), path: builtin('node:path') };
}

export class CheckpointFolder {
  readonly path: string;

  constructor(path: string | URL) {
    this.path =
      path instanceof URL ? globalThis.process.getBuiltinModule('node:url').fileURLToPath(path) : path;
    node();
  }

  /** The folder that was named. */
  static named(name: unknown): CheckpointFolder {
    if ((typeof name === 'string' && name !== '') || name instanceof URL) return new CheckpointFolder(name);
    throw new RuntimeError('`checkpointId` must be specified: the path of a folder');
  }

  private at(name: string): string {
    return node().path.join(this.path, name);
  }

  /** Makes it, and says the number that no data file there has. */
  async prepare(): Promise<number> {
    await node().fs.mkdir(this.path, { recursive: true });
    const numbers = (await this.dataFiles()).map((name) => Number(/_(\d+)\./.exec(name)![1]));
    return numbers.length === 0 ? 0 : Math.max(...numbers) + 1;
  }

  async isThere(): Promise<boolean> {
    return node()
      .fs.stat(this.at(metadataName))
      .then(
        () => true,
        () => false,
      );
  }

  private async dataFiles(): Promise<string[]> {
    return (await node().fs.readdir(this.path)).filter((name) => dataFile.test(name));
  }

  /** Writes a new file, which is on the disk when this ends, or not there. */
  async write(name: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
    const file = await node().fs.open(this.at(name), 'wx');
    try {
      await write(file);
      await file.sync();
      await file.close();
    } catch (error) {
      await file.close().catch(() => {});
      await this.remove(name);
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await node().fs.rm(this.at(name), { force: true });
  }

  /** Puts the metadata in its place, which makes the checkpoint, and clears away what belongs to no checkpoint any more. */
  async publish(bytes: Uint8Array, files: ReadonlySet<string>): Promise<void> {
    const { fs } = node();
    const temporary = `${metadataName}.tmp`;
    await this.remove(temporary);
    await this.write(temporary, (file) => file.writeFile(bytes));
    try {
      await fs.rename(this.at(temporary), this.at(metadataName));
    } catch (error) {
      await this.remove(temporary);
      throw error;
    }
    await this.sync();
    for (const name of await this.dataFiles()) if (!files.has(name)) await this.remove(name);
  }

  /** Writes the folder's own entries to the disk, where a system can. */
  private async sync(): Promise<void> {
    const folder = await node()
      .fs.open(this.path, 'r')
      .catch(() => null);
    await folder?.sync().catch(() => {});
    await folder?.close();
  }

  async metadata(): Promise<Uint8Array> {
    try {
      return await node().fs.readFile(this.at(metadataName));
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
      throw new RuntimeError(
        `${this.path} is no checkpoint: there is no ${metadataName} in it, which is written last`,
        {
          cause: error,
        },
      );
    }
  }

  /** How many bytes a file has; null if it is not there. */
  async sizeOf(name: string): Promise<number | null> {
    return node()
      .fs.stat(this.at(name))
      .then(
        (stats) => (stats.isFile() ? stats.size : null),
        () => null,
      );
  }

  /** Some bytes of a file, of which there are as many. */
  async read(name: string, offset: number, length: number): Promise<Uint8Array> {
    const file = await node().fs.open(this.at(name), 'r');
    try {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, Math.min(length - done, 1 << 30), offset + done);
        if (bytesRead === 0) throw new RuntimeError(`${name} became shorter while it was read`);
        done += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  }
}
