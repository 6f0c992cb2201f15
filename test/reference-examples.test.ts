/** The examples of the reference (site/examples): all names have one, and each prints what stands below it. */
import * as torch from 'flambeau';
import * as charts from 'flambeau/charts';
import * as convert from 'flambeau/convert';
import * as distributed from 'flambeau/distributed';
import * as einops from 'flambeau/einops';
import * as metrics from 'flambeau/metrics';
import * as python from 'flambeau/python';
import * as tables from 'flambeau/tables';
import * as tensorboard from 'flambeau/tensorboard';
import * as torchinfo from 'flambeau/torchinfo';
import * as trainer from 'flambeau/trainer';
import * as torchvision from 'flambeau/vision';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { coverage } from '../scripts/reference/coverage.mjs';
import { runExample } from '../site/runner.js';

const namespaces = {
  torch,
  torchvision,
  charts,
  convert,
  distributed,
  einops,
  metrics,
  python,
  tables,
  tensorboard,
  torchinfo,
  trainer,
};
const { examples, missing, unknown } = await coverage();
const files = [...new Set(examples.map(({ file }) => file))];

describe('Examples of the reference', () => {
  beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
  afterAll(() => void vi.restoreAllMocks());

  it('are there for every function, class and method, and for nothing else', () => {
    expect(missing).toEqual([]);
    expect(unknown).toEqual([]);
    expect(examples.length).toBeGreaterThan(1000);
  });

  it.each(files)('print what they say: %s', async (file) => {
    for (const { names, code, output, line } of examples.filter((one) => one.file === file)) {
      const printed = await runExample(code, namespaces).catch(
        (error: Error) => `${error.name}: ${error.message}`,
      );
      const where = `${names[0]} (site/examples/${file}:${line})`;
      if (output !== '') expect(printed, where).toBe(output);
      else expect(printed, where).not.toMatch(/^\w*Error: /);
      // A name that does not exist prints this.
      expect(printed, where).not.toMatch(/undefined|\[object /);
    }
  });
});
