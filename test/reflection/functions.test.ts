/** Every function that the library exports, whatever namespace it is in. */
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import * as torchvision from '../../src/vision/index.js';
import { opForms, signatureOf } from './binding.js';
import { check } from './check.js';
import { type Function, functions, withoutValues } from './interface.js';

/** Calls that must have come before. */
const before: Readonly<Record<string, () => unknown>> = {
  'autograd.forwardAd.exitDualLevel': () => torch.autograd.forwardAd.enterDualLevel(),
  'autograd.forwardAd.makeDual': () => torch.autograd.forwardAd.enterDualLevel(),
};

/** Functions that hand their arguments on to a constructor of the caller's, or take any number of tensors before a text. */
const handsOn = new Set(['nn.utils.skipInit', 'einops.einsum']);

/** Makers of models, which are alike. */
const builders: readonly [path: string, value: Function][] = functions.filter(([, value]) =>
  torchvision.models.listModels().includes(value.name),
);
/** Those of them that are called in every way. */
const called = ['vision.models.squeezenet1_1'];
/** Functions that need a server: test/hub.test.ts has one. */
const remote = ['hub.downloadUrlToFile', 'hub.loadStateDictFromUrl'];
/** Functions that want some arguments with one kind of input only, or refuse all: test/transforms-v2.test.ts has their cases. */
const conditional = [
  'clampBoundingBoxes',
  'clampKeypoints',
  'convertBoundingBoxFormat',
  'sanitizeBoundingBoxes',
  'sanitizeKeypoints',
].map((name) => `vision.transforms.v2.functional.${name}`);
/** Wants one of several arguments: test/vision-features.test.ts has its cases. */
const alternative = ['vision.models.createFeatureExtractor'];
const left = new Set([
  ...alternative,
  ...handsOn,
  ...conditional,
  ...remote,
  ...builders.map(([path]) => path).filter((path) => !called.includes(path)),
]);

describe('every function takes its arguments by position and by name, and refuses what is missing or unknown', () => {
  it.each(functions.filter(([path]) => !left.has(path)))('%s', async (path, value) => {
    const signature = opForms(path) ?? (await signatureOf(value));
    if (signature === null) expect.fail(`${path} has no signature`);
    const forms = Array.isArray(signature) ? signature : [signature];
    const prepare = () => {
      before[path]?.();
      return { call: value };
    };
    await withoutValues(path, () => check({ path, forms, prepare, isRowMethod: false }));
  });

  it.each(builders)('%s: refuses what it does not know', async (path, value) => {
    expect((await signatureOf(value))?.parameters.map(({ camel }) => camel)).toContain('weights');
    expect(() => value({ noSuchName: 1 }), path).toThrow(/got an unexpected keyword argument 'noSuchName'/);
  });
});
