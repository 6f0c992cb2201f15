import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('./programs/', import.meta.url);

/** A list of losses, or losses with what the program came to. */
type Log = readonly number[] | Readonly<Record<string, unknown>>;

const logs = JSON.parse(readFileSync(new URL('logs.json', folder), 'utf8')) as Readonly<Record<string, Log>>;

/** Numbers within 1e-5 of PyTorch's, relative to them; everything else as it is. */
function expectSame(found: unknown, expected: unknown, where: string): void {
  if (typeof expected === 'number' && typeof found === 'number' && !Number.isInteger(expected))
    expect(
      Math.abs(found - expected) / Math.abs(expected),
      `${where}: ${found}, not ${expected}`,
    ).toBeLessThan(1e-5);
  else if (typeof expected === 'object') {
    expect(Object.keys(found as object), where).toEqual(Object.keys(expected as object));
    for (const [key, value] of Object.entries(expected as object))
      expectSame((found as Record<string, unknown>)[key], value, `${where} ${key}`);
  } else expect(found, where).toBe(expected);
}

describe('programs written for PyTorch, translated line by line', () => {
  it.each(Object.entries(logs))('%s learns as it does there', async (name, log) => {
    const { run } = (await import(new URL(`${name}.ts`, folder).href)) as { run(): unknown };
    expectSame(await run(), log, name);
  });

  it('all have logs', () => {
    const sources = readdirSync(folder).filter(
      (name) =>
        name.endsWith('.ts') &&
        readFileSync(new URL(name, folder), 'utf8').match(/export (async )?function run\(/),
    );
    expect(sources.map((name) => name.slice(0, -3)).sort()).toEqual(Object.keys(logs).sort());
  });
});
