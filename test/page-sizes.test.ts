import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

interface BuildBrowser {
  sizes(): Promise<Record<string, number>>;
  modulesOf(page: string): Promise<string[]>;
}

describe('what a page loads', { timeout: 300_000 }, () => {
  const scripts = import(path('../scripts/build-browser.mjs')) as Promise<BuildBrowser>;

  it('grows only where somebody means it to', async () => {
    /** Kilobytes of gzip, with little to spare: raise them knowingly. */
    const budget = {
      'JavaScript: everything': 332,
      'JavaScript: everything, more when a data set is opened': 2.2,
      'JavaScript: everything, more when files are read or written': 17,
      'JavaScript: everything, more when a profile is made': 4,
      'JavaScript: everything, more when WebGPU is started': 38.5,
      'JavaScript: everything, all files together': 396,
      'JavaScript: a network and its training': 168.7,
      'JavaScript: tensors and gradients': 141.8,
      'flambeau.wasm': 358,
      'flambeau_threads.wasm': 358,
    };
    const found = await (await scripts).sizes();
    console.info(
      Object.entries(found)
        .map(([name, bytes]) => `${name}: ${(bytes / 1000).toFixed(1)} KB of gzip`)
        .join('\n'),
    );
    for (const [name, kilobytes] of Object.entries(budget))
      expect(found[name], name).toBeLessThan(1000 * kilobytes);
  });

  it('is nothing of the parts that it does not use', async () => {
    const { modulesOf } = await scripts;
    const parts =
      /^(amp|backends\/webgpu|datasets|distributions|func|fx|io|nn|ops\/signal|optim|profiler|signal|transforms|utils)\//;
    const unused = async (page: string) => (await modulesOf(page)).filter((name) => parts.test(name));
    // Paths and URLs are opened by the host.
    expect(await unused('tensors and gradients')).toEqual(['io/byte_source.js']);
    const training = (await unused('a network and its training')).map((name) => name.replace(/\/[^/]*$/, ''));
    expect([...new Set(training)].sort()).toEqual(['io', 'nn', 'nn/modules', 'optim']);
    const names = await unused('a network and its training');
    for (const name of ['io/unpickler.js', 'io/zip_reader.js', 'nn/modules/conv.js', 'optim/adam.js'])
      expect(names).not.toContain(name);
  });

  it('has every function that its rows call', async () => {
    const rows = (await (await scripts).modulesOf('tensors and gradients')).filter((name) =>
      name.startsWith('ops/'),
    );
    const called = rows.flatMap((name) => [
      ...readFileSync(path(`../dist/${name}`), 'utf8').matchAll(/\bF\.(\w+)/g),
    ]);
    // In a process of its own: this one has all rows.
    const program = `await import(${JSON.stringify(path('../dist/ops/index.js'))});
      const { functionsOf } = await import(${JSON.stringify(path('../dist/dispatch/registry.js'))});
      console.log(JSON.stringify(Object.keys(functionsOf('nn.functional'))));`;
    const there = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }),
    ) as string[];
    expect(called.length).toBeGreaterThan(0);
    for (const [, name] of called) expect(there).toContain(name);
    expect(there).not.toContain('scaledDotProductAttention');
  });
});
