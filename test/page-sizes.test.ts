import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
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
    /** Kilobytes of gzip, with a tenth to spare, since hosts differ by some bytes: raise them knowingly. */
    const budget = {
      // Joins, rolls and shuffles that write their results themselves, with formulas for gradients and stacks: a third to a tenth of the time.
      // Margin losses, masks and matrices by one kernel in place of compositions.
      // Forms of functions for devices that have no float64 and take denormal numbers for zero.
      // Powers of two in three parts, for logarithms of sums near one.
      'JavaScript: everything': 377.6,
      // All pickle protocols, NumPy's arrays, stand-ins for foreign classes, tar archives.
      'JavaScript: everything, more when files are read or written': 23.5,
      'JavaScript: everything, more when a profile is made': 4.8,
      // Sines, tangents and error functions in parts, to two units in the last place; digamma by its root. Sums in parts.
      'JavaScript: everything, more when WebGPU is started': 61.6,
      'JavaScript: everything, more when text of numbers is read or written': 11.2,
      'JavaScript: everything, all files together': 483.7,
      'JavaScript: a network and its training': 174.1,
      // Gradients of parts are added in place: a tenth of the time where there are many.
      'JavaScript: tensors and gradients': 157.6,
      // Winograd's convolutions, those of one channel in each group, and max pooling by rows: two to ten times as fast. Means of layer norm in double. RMS and group norm.
      // Orthogonal polynomials, gcd and lcm as instructions, gamma functions of float32 without branches.
      // Margin losses and their gradients, and scattering by masks: a tenth of the time of small calls.
      // Kernels of their own for grid samples, resizing, padding, distances of rows and adaptive maxima: ten to a hundred times as fast.
      // Padding, unpooling, histograms and segments' gradients in one call: two to twenty times as fast.
      // Broadcast short rows are read once: half of the time.
      // Short sums and products in PyTorch's order.
      'flambeau.wasm': 512.0,
      'flambeau_threads.wasm': 512.0,
      'flambeau_relaxed.wasm': 512.0,
      'flambeau_relaxed_threads.wasm': 512.0,
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

  it('has no variable that only Node has: Parcel installs a package for it', () => {
    const folder = path('../dist/browser');
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.js')))
      expect(readFileSync(`${folder}/${name}`, 'utf8').match(/(?<![.\w$])process\.\w+/g), name).toBe(null);
  });

  it('is nothing of the parts that it does not use', async () => {
    const { modulesOf } = await scripts;
    const parts =
      /^(amp|backends\/webgpu|distributions|func|fx|io|nn|ops\/signal|optim|profiler|signal|utils|vision)\//;
    const unused = async (page: string) => (await modulesOf(page)).filter((name) => parts.test(name));
    // Paths and URLs are opened by the host.
    expect(await unused('tensors and gradients')).toEqual(['io/byte_source.js']);
    const training = (await unused('a network and its training')).map((name) => name.replace(/\/[^/]*$/, ''));
    expect([...new Set(training)].sort()).toEqual(['io', 'nn', 'nn/modules', 'optim']);
    const names = await unused('a network and its training');
    for (const name of ['io/unpickler.js', 'io/zip_reader.js', 'nn/modules/conv.js', 'optim/adam.js'])
      expect(names).not.toContain(name);
  });

  it('has every function that its rows and layers call', () => {
    const dist = path('../dist/');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .filter((name) => /^(ops|nn|distributions)\/.*\.js$/.test(name))
      .map((name) => name.replaceAll('\\', '/'));
    const texts = new Map(files.map((name) => [name, readFileSync(dist + name, 'utf8')]));
    /** What comes with a file: itself and what it imports. */
    const comesWith = (name: string): Set<string> => {
      const all = new Set([name]);
      for (const one of all)
        for (const [, from] of (texts.get(one) ?? '').matchAll(/^(?:import|export)\b[^;]*?'(\..*?)';/gm))
          all.add(posix.join(posix.dirname(one), from));
      return all;
    };
    // In a process of its own: this one has all rows.
    const program = `
      await import(${JSON.stringify(`${dist}ops/index.js`)});
      const { functionsOf } = await import(${JSON.stringify(`${dist}dispatch/registry.js`)});
      const found = { 'ops/index.js': Object.keys(functionsOf('nn.functional')) };
      for (const name of ${JSON.stringify(files.filter((name) => /^ops\/nn\/(?!index)/.test(name)))}) {
        const before = new Set(Object.keys(functionsOf('nn.functional')));
        await import(${JSON.stringify(dist)} + name);
        found[name] = Object.keys(functionsOf('nn.functional')).filter((key) => !before.has(key));
      }
      console.log(JSON.stringify(found));`;
    const found: Record<string, string[]> = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }),
    );
    const homes = new Map(Object.entries(found).flatMap(([name, keys]) => keys.map((key) => [key, name])));
    expect(homes.get('linear')).toBe('ops/index.js');
    expect(homes.get('scaledDotProductAttention')).toBe('ops/nn/attention.js');
    for (const [name, text] of texts)
      for (const [, key] of text.matchAll(/\bF\.(\w+)/g)) {
        const home = homes.get(key)!;
        expect(home, `${name} calls F.${key}`).toBeDefined();
        if (home !== 'ops/index.js') expect([...comesWith(name)], `${name} calls F.${key}`).toContain(home);
      }
  });
});
