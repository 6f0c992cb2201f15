/** The types that are published, in projects of users who set things otherwise than this one does. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const folder = path(`../build/types-${process.pid}`);

const source = `
import * as torch from 'flambeau';
import { nn, optim } from 'flambeau';

class Net extends nn.Module {
  fc = new nn.Linear(4, 2);
  override forward(x: torch.Tensor): torch.Tensor {
    return this.fc.forward(x).relu();
  }
}
const net = new Net().to('cpu');
const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 });
nn.functional.mseLoss(net.forward(torch.randn(3, 4)), torch.zeros([3, 2])).backward();
optimizer.step();
export const size: readonly number[] = net.fc.weight.shape;
`;

const strict = { strict: true, skipLibCheck: false, noEmit: true, verbatimModuleSyntax: true };

describe('the published types', () => {
  beforeAll(() => mkdirSync(folder, { recursive: true }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['Node without the browser', { module: 'nodenext', target: 'es2022', lib: ['es2022'], types: ['node'] }],
    [
      'a bundler',
      { module: 'esnext', moduleResolution: 'bundler', target: 'es2022', lib: ['es2022', 'dom'], types: [] },
    ],
    [
      'the strictest',
      {
        module: 'nodenext',
        target: 'esnext',
        lib: ['esnext', 'dom'],
        types: ['node'],
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noPropertyAccessFromIndexSignature: true,
        useDefineForClassFields: true,
      },
    ],
  ])('compile in a project for %s', (name, options) => {
    const project = `${folder}/${name.replaceAll(' ', '-')}`;
    mkdirSync(project);
    writeFileSync(`${project}/main.ts`, source);
    writeFileSync(
      `${project}/tsconfig.json`,
      JSON.stringify({ compilerOptions: { ...strict, ...options }, include: ['main.ts'] }),
    );
    const check = () =>
      execFileSync(process.execPath, [path('../node_modules/typescript/bin/tsc'), '-p', project], {
        encoding: 'utf8',
      });
    let told = '';
    try {
      told = check();
    } catch (error) {
      told = (error as { stdout: string }).stdout;
    }
    expect(told).toBe('');
  });
});
