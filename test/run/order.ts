import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isCore } from './core.js';
import { isShared, turnOf } from './own_process.js';

/**
 * The core comes first, then the longest files of all projects, so that workers end together; those that share a process come last, project by
 * project.
 */
export default class Order extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(specifications);
    const core = usual.filter(isCore);
    const own = usual.filter((file) => !isCore(file) && !isShared(file.moduleId));
    const shared = usual.filter((file) => !isCore(file) && isShared(file.moduleId));
    const longestFirst = (files: TestSpecification[]) =>
      files.sort((a, b) => turnOf(a.moduleId) - turnOf(b.moduleId));
    return [...longestFirst(core), ...longestFirst(own), ...shared];
  }
}
