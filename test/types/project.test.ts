/** A project of somebody else's: it compiles as it stands, whatever the compiler and however strict, and does what it says. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import { nn, optim } from 'flambeau';
import ts from 'typescript-5.9';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Compiler, compile, declarations, foreignProject, remove, sources } from './foreign.js';
import { count, firstLayer, initialize, MLP, record, watchGradients } from './project/containers.js';
import { batches } from './project/data.js';
import { all, describe as describeModule } from './project/modules.js';
import { groups, Lion, moments, train, Warmup } from './project/optimizers.js';
import { byPositionAndName, checkpoint, derivatives, several } from './project/results.js';
import { trainVAE } from './project/vae.js';

const strict = {
  strict: true,
  skipLibCheck: false,
  declaration: true,
  outDir: 'out',
  rootDir: '.',
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2022'],
  types: ['node'],
  verbatimModuleSyntax: true,
};

let folder: string;
beforeAll(() => {
  folder = foreignProject();
});
afterAll(() => remove(folder));

describe('a project in TypeScript', () => {
  it.each<[string, Compiler, object]>([
    ['TypeScript 5.5', 'typescript-5.5', {}],
    [
      'TypeScript 7 for a bundler, in pages',
      'typescript',
      { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] },
    ],
    // The newest checks the package's own declarations as quickly as it reads them.
    ['TypeScript 5.9', 'typescript-5.9', { skipLibCheck: true }],
    [
      'TypeScript 7 and the strictest settings, isolated modules and the old fields',
      'typescript',
      {
        isolatedModules: true,
        useDefineForClassFields: false,
        target: 'esnext',
        lib: ['esnext', 'dom'],
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        noPropertyAccessFromIndexSignature: true,
        noImplicitOverride: true,
        noImplicitReturns: true,
        noFallthroughCasesInSwitch: true,
        noUnusedLocals: true,
        noUnusedParameters: true,
      },
    ],
  ])('compiles with %s', { timeout: 200_000 }, (_, compiler, options) => {
    expect(compile(folder, compiler, { ...strict, ...options })).toBe('');
    // The compiler can name every type that it found; by which path is its own choice.
    const text = declarations(folder, 'results').replace(/\b(?:torch|types|optim|nn)\.(?=[\w.]*[A-Z])/g, '');
    for (const line of [
      'largest: () => Named<["values", "indices"]>;',
      'shape: ReadonlyList<number>;',
      'values: () => TypedArray;',
      'parts: List<Tensor>;',
      'bias: Parameter | null;',
      'state: Map<Tensor, AdamState>',
    ])
      expect(text).toContain(line);
  });

  it.each(sources)('has no cast in %s', (name) => {
    expect(casts(name)).toEqual([]);
  });
});

/** Marks that silence the compiler: `as`, `!`, `any` and comments. */
function casts(name: string): string[] {
  const path = fileURLToPath(new URL(`project/${name}`, import.meta.url));
  const source = ts.createSourceFile(name, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = source.text.match(/@ts-\w+/g)?.map(String) ?? [];
  const visit = (node: ts.Node): void => {
    const isConst = ts.isAsExpression(node) && node.type.getText() === 'const';
    const isCast =
      ts.isAsExpression(node) || ts.isTypeAssertionExpression(node) || ts.isNonNullExpression(node);
    if ((isCast && !isConst) || node.kind === ts.SyntaxKind.AnyKeyword) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('the same project, run', () => {
  beforeEach(() => torch.manualSeed(0));

  it('trains', () => {
    const losses = trainVAE(60);
    expect(losses).toHaveLength(60);
    expect(losses.slice(-10).reduce((a, b) => a + b)).toBeLessThan(
      losses.slice(0, 10).reduce((a, b) => a + b),
    );
  });

  it('describes modules of every kind', () => {
    expect(all.map(describeModule).map(({ name, parameters }) => `${name} ${parameters}`)).toEqual([
      'Attention 60',
      'RMSNorm 4',
      'TwoTowers 44',
      'Pyramid 212',
      'Cell 21',
      'Residual 6',
      'Transformer 84',
    ]);
  });

  it('applies functions and hooks to all modules', () => {
    const model = new MLP([3, 5, 2]);
    initialize(model);
    expect(model.layers.at(-2).parameters()[1]).toEqual(new nn.Parameter(torch.full([2], 0.01)));
    expect([count(nn.Linear, model), firstLayer(new nn.Sequential(new nn.Linear(3, 2)))]).toEqual([2, 3]);
    const { activations, remove } = record(model);
    const norms = watchGradients(model);
    model.forward(torch.randn(4, 3)).sum().backward();
    remove();
    expect([...activations.keys()]).toEqual(['layers.0', 'layers.1', 'layers.2', 'layers.3', '']);
    expect(norms).toEqual([torch.ones(4, 2).norm().item()]);
  });

  it('loads data', async () => {
    expect(await batches()).toEqual([
      '3,1,4,4 torch.int64 shape 5, shape 7, shape 6 of 4',
      '3,1,4,4 torch.int64 shape 3, shape 2, shape 4 of 4',
      '5 0,2,4,6,8',
      '7',
      '3',
      '4,2',
    ]);
  });

  it.each<[string, (model: nn.Module) => optim.Optimizer]>([
    ['one that overrides step', (model) => new Warmup(model.parameters(), { momentum: 0.9 })],
    ['one that overrides update', (model) => new Lion(model.parameters())],
    ['groups', groups],
  ])('fits with an optimizer: %s', (_, make) => {
    const model = new MLP([3, 5, 2]);
    const before = model.parameters().map((p) => p.detach().clone());
    const optimizer = make(model);
    const { losses, lrs } = train(model, optimizer, 3);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(lrs).toHaveLength(3 * optimizer.paramGroups.length);
    expect(model.parameters().map((p, i) => p.equal(before[i]))).toEqual(before.map(() => false));
  });

  it('takes results by position and by name', async () => {
    const [first, where, values, indices] = byPositionAndName();
    expect([first, where]).toEqual([values, indices]);
    expect(derivatives().map((d) => d.shape.length)).toEqual([1, 1, 1, 2, 1]);
    const [a, b, c] = [torch.eye(3), torch.ones(3, 3), torch.eye(3)];
    expect(several(a, b, c)).toEqual(torch.ones(3, 6).add(2 * (5 * 3 + 2)));
    const model = new MLP([3, 2]);
    const optimizer = new optim.Adam(model.parameters());
    train(model, optimizer, 1);
    expect(moments(optimizer)).toHaveLength(2);
    expect(await checkpoint(model, optimizer)).toBe(3);
  });
});
