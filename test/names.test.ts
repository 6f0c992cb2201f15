import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isHere, leftOut, pytorch, reasonFor } from './names/presence.js';

const page = new URL('../docs/names.md', import.meta.url);

/** The page on what is left out: it says nothing of what is here, so that it changes only with the reasons. */
function written(): string {
  const all = [...pytorch.values()].reduce((sum, names) => sum + names.length, 0);
  const coming = leftOut.filter(({ comes }) => comes).map(({ reason }) => `- ${reason}.`);
  const lines = [
    "# PyTorch's names",
    '',
    `Every public name of PyTorch 2.13 (${all} in ${pytorch.size} modules and classes, by \`test/names/pytorch_names.py\`) is here in TypeScript's spelling, or stands`,
    'below with the reason why it is not. `test/names.test.ts` sees to it, and writes this page from `test/names/left_out.json`.',
    '',
    ...(coming.length > 0 ? ['## On their way', '', ...coming, ''] : []),
    '## Left out',
  ];
  for (const entry of leftOut) {
    if (entry.comes) continue;
    lines.push('', `**${entry.reason}.**`, '');
    for (const [module, names] of pytorch) {
      const out = names.filter((name) => reasonFor(module, name) === entry);
      if (out.length > 0) lines.push(`- ${module}: ${out.map((name) => `\`${name}\``).join(', ')}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

describe("PyTorch's public names", () => {
  it.each([...pytorch.keys()])('%s: are here, or left out with a reason', (module) => {
    const missing = pytorch.get(module)!.filter((name) => !isHere(module, name));
    expect(missing.filter((name) => reasonFor(module, name) === null)).toEqual([]);
  });

  it('are not said to be left out where they are here', () => {
    const stale = [...pytorch].flatMap(([module, names]) =>
      names
        .filter((name) => isHere(module, name) && !(reasonFor(module, name)?.comes ?? true))
        .map((name) => `${module}.${name}`),
    );
    expect(stale).toEqual([]);
  });

  it('that are left out are listed in docs/names.md', () => {
    if (process.env.FLAMBEAU_UPDATE_NAMES === '1') writeFileSync(page, written());
    expect(readFileSync(page, 'utf8')).toBe(written());
  });
});
