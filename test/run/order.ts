import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isShared, turnOf } from './own_process.js';

/** The longest files of all projects come first, so that workers end together; then those that share a process, project by project. */
export default class Order extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(specifications);
    const own = usual.filter(({ moduleId }) => !isShared(moduleId));
    const shared = usual.filter(({ moduleId }) => isShared(moduleId));
    return [...own.sort((a, b) => turnOf(a.moduleId) - turnOf(b.moduleId)), ...shared];
  }
}
