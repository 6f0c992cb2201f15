/** Folders that checkpoints are written to and read from, by PyTorch's names. */
import { NotImplementedError } from '../../core/errors.js';
import { accepting, defineParameterType } from '../../core/signature/parameter_types.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { CheckpointFolder } from './checkpoint_folder.js';

const ofWriter = signature(
  'FileSystemWriter(Any path, bool single_file_per_rank=True, bool sync_files=True, int thread_count=1, int per_thread_copy_ahead=10000000, bool cache_staged_state_dict=False, bool overwrite=True)',
);

/** The folder that `save` writes to. */
export class FileSystemWriter {
  /** @internal */
  readonly folder: CheckpointFolder;
  /** Whether a checkpoint that is there may be replaced. */
  readonly overwrite: boolean;

  /**
   * @param path the folder, which all processes see; it is made where it is not there
   * @param singleFilePerRank whether each process writes one file, as it does here
   * @param syncFiles whether files are on the disk before the checkpoint is there, as they are here
   * @param threadCount of no use here
   * @param perThreadCopyAhead of no use here
   * @param cacheStagedStateDict of no use here
   * @param overwrite whether a checkpoint that is there may be replaced
   */
  constructor(...args: Arguments<typeof ofWriter, { path: string | URL }>) {
    const { path, singleFilePerRank, syncFiles, overwrite } = ofWriter.bind(args);
    if (!singleFilePerRank) throw new NotImplementedError('FileSystemWriter: each process writes one file');
    if (!syncFiles)
      throw new NotImplementedError('FileSystemWriter: a checkpoint is there when its files are on the disk');
    this.folder = CheckpointFolder.named(path);
    this.overwrite = overwrite;
  }
}

const ofReader = signature('FileSystemReader(Any path)');

/** The folder that `load` reads from. */
export class FileSystemReader {
  /** @internal */
  readonly folder: CheckpointFolder;

  /** @param path the folder */
  constructor(...args: Arguments<typeof ofReader, { path: string | URL }>) {
    this.folder = CheckpointFolder.named(ofReader.bind(args).path);
  }
}

declare module '../../core/signature/argument_types.js' {
  interface ParameterTypes {
    FileSystemWriter: FileSystemWriter;
    FileSystemReader: FileSystemReader;
  }
}
defineParameterType(
  'FileSystemWriter',
  accepting((value) => value instanceof FileSystemWriter),
);
defineParameterType(
  'FileSystemReader',
  accepting((value) => value instanceof FileSystemReader),
);
