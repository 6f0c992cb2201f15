/** Texts that an editor shows when the pointer rests on a name, asked of TypeScript's language service. */
import * as torch from 'flambeau';
import { nn } from 'flambeau';
import ts from 'typescript-5.9';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { foreignProject, remove } from './foreign.js';

const head = `import * as torch from 'flambeau';
import { nn, optim } from 'flambeau';
const F = nn.functional;
declare const x: torch.Tensor;
declare const model: nn.Module;
declare const optimizer: optim.Adam;
`;

interface Hover {
  /** The signature, and how many others there are. */
  readonly signature: string;
  readonly others: number;
  readonly doc: string;
  /** The docs of parameters. */
  readonly parameters: string[];
}

/** The text at the `^` of each line. */
function hovers(folder: string, lines: readonly string[]): Hover[] {
  const file = `${folder}/hover.ts`;
  const text = head + lines.map((line) => `${line.replace('^', '')};\n`).join('');
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const source = name === file ? text : ts.sys.readFile(name);
      return source === undefined ? undefined : ts.ScriptSnapshot.fromString(source);
    },
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => ({
      strict: true,
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      types: [],
    }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  let at = head.length;
  return lines.map((line) => {
    const info = service.getQuickInfoAtPosition(file, at + line.indexOf('^'));
    at += line.length + 1;
    if (info === undefined) throw new Error(`nothing is shown in ${line}`);
    const shown = ts.displayPartsToString(info.displayParts).replace(/\s+/g, ' ');
    const [, signature = '', others = '0'] =
      /^(.*?)(?: \(\+(\d+) overloads?\))?(?: export \w+)?$/.exec(shown) ?? [];
    return {
      signature: signature.replace(/\btorch\.(?:types\.)?/g, ''),
      others: Number(others),
      doc: ts.displayPartsToString(info.documentation),
      parameters: (info.tags ?? [])
        .filter(({ name }) => name === 'param')
        .map(({ text }) => ts.displayPartsToString(text)),
    };
  });
}

let folder: string;
beforeAll(() => {
  folder = foreignProject();
});
afterAll(() => remove(folder));

describe('a hover shows the signature and the doc of', { timeout: 120_000 }, () => {
  const cases: readonly [line: string, signature: string, doc: string][] = [
    [
      'torch.^add(x, 2)',
      'const add: (input: Tensor | Scalar, other: Tensor | Scalar, options?: { alpha?: Scalar; out?: Tensor; }) => Tensor',
      'The sum self + alpha * other.\n\n`add.Tensor(Tensor|Scalar self, Tensor|Scalar other, *, Scalar alpha=1) -> Tensor`',
    ],
    [
      'x.^sum(1)',
      '(method) Tensor.sum(dim?: number | readonly number[] | null, keepdim?: boolean, options?: { dtype?: DType | null; } | undefined): Tensor',
      'The sum over the dimensions `dim`.',
    ],
    [
      'x.^max(1)',
      '(method) Tensor.max(dim: number, keepdim?: boolean): Named<["values", "indices"]>',
      'The largest elements along a dimension and their positions',
    ],
    [
      'x.^reshape(2, -1)',
      '(method) Tensor.reshape(...shape: number[]): Tensor',
      'The same elements with other sizes',
    ],
    [
      "torch.^einsum('i,i->', x, x)",
      'const einsum: (equation: string, ...tensors: Tensor[]) => Tensor',
      'Sums of products in index notation',
    ],
    [
      'F.^conv2d(x, x)',
      '(method) NnFunctionalFunctions.conv2d(input: Tensor, weight: Tensor, bias?: Tensor | null, stride?: number | readonly number[], padding?: number | readonly number[] | "valid" | "same", dilation?: number | readonly number[], groups?: number): Tensor',
      'Applies a 2-dimensional convolution',
    ],
    [
      "F.^mseLoss(x, x, { reduction: 'sum' })",
      '(method) NnFunctionalFunctions.mseLoss(input: Tensor, target: Tensor, options: { sizeAverage?: boolean | null; reduce?: boolean | null; reduction?: "none" | "mean" | "sum"; weight?: Tensor | null; }): Tensor',
      '',
    ],
    [
      'new nn.^Linear(2, 2)',
      '(alias) new Linear(inFeatures: number, outFeatures: number, bias?: boolean | Partial<LinearOptions>, device?: DeviceLike | null, dtype?: DType | null): Linear',
      'input @ weightᵀ + bias',
    ],
    [
      'new nn.^Linear({ inFeatures: 2, outFeatures: 2 })',
      '(alias) new Linear(options: LinearOptions): Linear',
      'input @',
    ],
    [
      'new nn.^LSTM(2, 3)',
      'constructor LSTM(inputSize: number, hiddenSize: number, numLayers?: number | Partial<LSTMOptions>, bias?: boolean, batchFirst?: boolean, dropout?: number | PyFloat, bidirectional?: boolean, projSize?: number, device?: DeviceLike | null, dtype?: DType | null): LSTM',
      'A long short-term memory',
    ],
    ['new nn.^ReLU()', 'constructor ReLU(inplace?: boolean | MaybeInPlaceOptions): ReLU', 'max(0, x)'],
    [
      'new nn.Linear(2, 2).^forward(x)',
      '(method) Linear.forward(input: Tensor | { input: Tensor; }): Tensor',
      'input @ weightᵀ + bias, over the last dimension',
    ],
    [
      'new nn.BatchNorm2d(2).^forward(x)',
      '(method) BatchNorm2d.forward(input: Tensor | { input: Tensor; }): Tensor',
      'Batch normalisation of a [N, C, H, W] input',
    ],
    ['model.^forward(x)', '(method) forward(...inputs: any[]): any', "Computes the module's result."],
    [
      'model.^parameters()',
      '(method) Module.parameters(recurse?: boolean | { recurse?: boolean; }): Parameter[]',
      'All parameters, each once',
    ],
    [
      'new optim.lrScheduler.^StepLR(optimizer, 2)',
      '(alias) new StepLR(optimizer: Optimizer, stepSize: number, gamma?: number | PyFloat | Partial<StepLROptions>, lastEpoch?: number): StepLR',
      'Times `gamma` every `stepSize` epochs.',
    ],
    [
      'optimizer.^step()',
      '(method) Optimizer<AdamState, AdamOptions>.step<null>(): null',
      'Updates every parameter',
    ],
    [
      'torch.^noGrad(() => x)',
      '(alias) noGrad<Tensor>(fn: (() => Tensor) | { fn: () => Tensor; }): Tensor',
      'Runs `fn` without',
    ],
  ];
  let shown: Hover[];
  beforeAll(() => {
    shown = hovers(
      folder,
      cases.map(([line]) => line),
    );
  }, 120_000);

  it.each(cases.map(([line, signature, doc], i) => [line, signature, doc, i] as const))(
    '%s',
    (_, signature, doc, i) => {
      expect(shown[i].signature).toBe(signature);
      expect(shown[i].doc).toContain(doc);
      expect(shown[i].others).toBeLessThan(6);
    },
  );
});

describe('a hover', { timeout: 120_000 }, () => {
  /** Classes of layers that compute something, by the reflection of the library. */
  const layers = Object.entries(nn).flatMap(([name, value]) => {
    const prototype: unknown = typeof value === 'function' ? value.prototype : null;
    const isLayer = prototype instanceof nn.Module && prototype.forward !== nn.Module.prototype.forward;
    return isLayer ? [name] : [];
  });

  it("says of every layer's forward what that layer computes", () => {
    expect(layers.length).toBeGreaterThan(90);
    const shown = hovers(
      folder,
      layers.map((name) => `nn.${name}.prototype.^forward`),
    );
    const silent = layers.filter(
      (_, i) => shown[i].doc.length < 20 || shown[i].doc.startsWith('Computes the module'),
    );
    expect(silent).toEqual([]);
    const same = layers.filter((_, i) => shown.findIndex(({ doc }) => doc === shown[i].doc) !== i);
    expect(same).toEqual([]);
    // Of a prototype type parameters are not known.
    const vague = layers.filter((_, i) =>
      /(?<!<)\bany\b/.test(shown[i].signature.replace(/<any>.*: any$/, '')),
    );
    expect(vague).toEqual([]);
  });

  it('says of every layer what its arguments are', () => {
    const shown = hovers(
      folder,
      layers.map((name) => `nn.^${name}`),
    );
    expect(layers.filter((_, i) => shown[i].doc === '')).toEqual([]);
  });

  it('has a doc of every function and method', () => {
    const isFunction = ([name, value]: [string, unknown]) =>
      typeof value === 'function' && !name.startsWith('_');
    const names = (prefix: string, object: object) =>
      Object.entries(object)
        .filter(isFunction)
        .map(([name]) => `${prefix}.^${name}`);
    const methods = Object.entries(Object.getOwnPropertyDescriptors(torch.Tensor.prototype))
      .filter(([name, { value }]) => isFunction([name, value]))
      .map(([name]) => `x.^${name}`);
    const lines = [...names('torch', torch), ...names('F', nn.functional), ...methods];
    const shown = hovers(folder, lines);
    expect(lines.length).toBeGreaterThan(800);
    // A few that only JavaScript calls are in no type.
    const silent = lines.filter((_, i) => shown[i].doc === '' && shown[i].signature !== 'any');
    expect(silent).toEqual([]);
  });
});
