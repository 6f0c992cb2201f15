import { describe, expect, it } from 'vitest';
import { callSomething, targets } from './calls.js';
import { timeout, tryMany } from './property.js';

describe('a call of any op with any arguments', () => {
  it(
    "succeeds or throws one of the library's errors, writes nothing but what it may, and leaves everything as it was if it fails",
    () => {
      const succeeded = new Set<string>();
      let calls = 0;
      tryMany(2000, (draw) => {
        const outcome = callSomething(draw);
        calls++;
        if (outcome.succeeded) succeeded.add(outcome.name);
        if (outcome.complaint !== null) throw new Error(`${outcome.call}\n${outcome.complaint}`);
      });
      // Arguments that no op accepts would test nothing but the parser.
      const asked = Math.min(targets.length, calls / 20);
      expect(succeeded.size).toBeGreaterThan(asked * 0.9);
    },
    timeout,
  );
});
