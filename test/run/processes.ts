/**
 * Runs small test files of a project one after another in the same process, since to load the library anew takes longer than most of them do;
 * `own_process.ts` names those that have one of their own. A setup file sees to it that each begins with the library as it was.
 */
import { ForksPoolWorker, type PoolOptions, type WorkerRequest } from 'vitest/node';
import { isShared } from './own_process.js';

class Process extends ForksPoolWorker {
  override readonly name = 'processes';
  private hasOwner = false;

  override send(message: WorkerRequest): void {
    if (message.type === 'run' || message.type === 'collect')
      this.hasOwner ||= !message.context.files.every(({ filepath }) => isShared(filepath));
    super.send(message);
  }

  /** Whether this process may go on with other files. */
  canReuse(task: {
    readonly context: { readonly files: readonly { readonly filepath: string }[] };
  }): boolean {
    return !this.hasOwner && task.context.files.every(({ filepath }) => isShared(filepath));
  }
}

export const processes = {
  name: 'processes',
  createPoolWorker: (options: PoolOptions) => new Process(options),
};
