import type { Reporter, SerializedError, TestModule, TestSpecification } from 'vitest/node';
import { isCore, isWhole } from './run/core.js';

/** Says what the core's tests found as soon as that is known, and closes a run with a line that scripts can read: `N passed, N failed, N skipped`. */
export default class Counts implements Reporter {
  /** How many of the core's files have not ended; none in a run that has not all of them. */
  private awaited = 0;
  private readonly core: TestModule[] = [];

  onTestRunStart(files: readonly TestSpecification[]): void {
    this.awaited = isWhole(files) ? files.filter(isCore).length : 0;
    this.core.length = 0;
  }

  onTestModuleEnd(module: TestModule): void {
    if (this.awaited === 0 || !isCore(module)) return;
    this.core.push(module);
    if (--this.awaited > 0) return;
    const { passed, failed } = countsOf(this.core);
    console.log(
      failed === 0 ? `The core is sound: ${passed} tests.` : `The core is not sound: ${failed} tests failed.`,
    );
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const { passed, failed, skipped } = countsOf(modules);
    console.log(`${passed} passed, ${failed + errors.length} failed, ${skipped} skipped`);
  }
}

function countsOf(modules: readonly TestModule[]): Record<'passed' | 'failed' | 'skipped', number> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    // A file that cannot be loaded has no tests, but it is a failure.
    counts.failed += module.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state !== 'pending') counts[state]++;
    }
  }
  return counts;
}
