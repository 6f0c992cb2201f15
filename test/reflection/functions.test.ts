/** Every function that the library exports, whatever namespace it is in. */
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { opForms, signatureOf } from './binding.js';
import { check } from './check.js';
import { functions } from './interface.js';

/** Calls that must have come before. */
const before: Readonly<Record<string, () => unknown>> = {
  'autograd.forwardAd.exitDualLevel': () => torch.autograd.forwardAd.enterDualLevel(),
  'autograd.forwardAd.makeDual': () => torch.autograd.forwardAd.enterDualLevel(),
};

/** Functions that hand their arguments on to a constructor of the caller's, or take any number of tensors before a text. */
const handsOn = new Set(['nn.utils.skipInit', 'einops.einsum']);

describe('every function takes its arguments by position and by name, and refuses what is missing or unknown', () => {
  it.each(functions.filter(([path]) => !handsOn.has(path)))('%s', async (path, value) => {
    const signature = opForms(path) ?? (await signatureOf(value));
    if (signature === null) expect.fail(`${path} has no signature`);
    const forms = Array.isArray(signature) ? signature : [signature];
    const prepare = () => {
      before[path]?.();
      return { call: value };
    };
    await check({ path, forms, prepare, isRowMethod: false });
  });
});
