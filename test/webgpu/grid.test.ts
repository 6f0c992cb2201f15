/**
 * Every op on the GPU against the CPU: results, gradients and refusals, over generated arguments. Each op is tried with every
 * alternative of its arguments as float32, and in one layout or dtype more: these take turns from op to op, since most of the time goes
 * into compiling shaders. FLAMBEAU_GRID=full tries every op with all of them.
 */
import { describe, expect, it } from 'vitest';
import { MissingKernelError } from '../../src/backends/missing_kernel.js';
import { dispatch } from '../../src/dispatch/dispatch.js';
import type { Op } from '../../src/dispatch/op.js';
import { allOps } from '../../src/dispatch/registry.js';
import { waiting } from '../../src/dispatch/twins.js';
import * as torch from '../../src/index.js';
import { type Sample, samplesOf } from '../support/samples.js';
import { expectSame, hasAdapter } from './device.js';

const isFull = process.env.FLAMBEAU_GRID === 'full';

/** Numbers drawn at random, or memory that nobody has written: only shape and dtype can agree. */
const unequal =
  /^(uniform|normal|random|bernoulli|exponential|geometric|poisson|cauchy|log_normal|rand\w*|multinomial|\w*dropout\w*|rrelu\w*|gumbel_softmax|pca_lowrank|_standard_gamma|_sample_dirichlet|binomial|fractional\w*|\w*empty\w*|resize\w*|_ctc_loss)_?$/;
/** Vectors whose signs nothing determines: their squares agree. */
const signless = /^(eigh|_?svd|svd_lowrank)$/;
/** What depends on which singular values count as nothing, and gradients by those of equal rows. */
const ofRank = /svd|pinv|rank|cond|lstsq|^eigh$/;
/** PyTorch has no float64 on such devices either. */
const noFloat64 = /doesn't support (float64|complex128)/;

/**
 * Ops that cannot be tried this way: resizing refuses what requires grad, these results are float64, `ldl_solve` has no gradient, and the arguments of those of norms are
 * results of other kernels, whose gradients are theirs. Samples of `vander` are no vectors, and LDL and `lobpcg` are the CPU's.
 */
const elsewhere =
  /^(resize_|resize_as_|as_strided_|float_power_?|double|cdouble|_layer_norm_backward|_group_norm_backward|_fused_rms_norm_backward|_batch_norm_backward|_ctc_loss_backward|_recurrence_backward|ldl_solve|vander|_?ldl_factor|_?ldl_factor_ex|_?lobpcg)$/;

type Layout = (t: torch.Tensor) => torch.Tensor;

const layouts: Readonly<Record<string, Layout>> = {
  dense: (t) => t,
  transposed: (t) => (t.ndim < 2 ? t : t.transpose(0, -1).contiguous().transpose(0, -1)),
  // Every other element, not from the first.
  strided: (t) => torch.stack([t.neg(), t], -1).select(-1, 1),
  // One element for a whole dimension.
  expanded: (t) => (t.ndim === 0 || t.shape[0] === 0 ? t : t.narrow(0, 0, 1).expand(t.shape)),
  // Other sizes, where the op takes them: several workgroups, no elements, no dimensions.
  large: (t) => (t.ndim === 0 ? t : t.repeat([...new Array(t.ndim - 1).fill(1), 60])),
  empty: (t) => (t.ndim === 0 ? t : t.narrow(0, 0, 0)),
  scalar: (t) => t.reshape([-1]).select(0, 0),
};

const layoutNames = Object.keys(layouts).slice(1);
const otherSizes = new Set(['large', 'empty', 'scalar']);

const dtypes = [
  torch.int64,
  torch.int32,
  torch.uint8,
  torch.bool,
  torch.float16,
  torch.bfloat16,
  torch.int16,
  torch.int8,
] as const;

interface Variation {
  readonly device: string;
  readonly layout: Layout;
  readonly dtype: torch.DType;
}

/** The numbers of a sample in another dtype: integers and truth values in place of fractions, none of them zero. */
function converted(t: torch.Tensor, dtype: torch.DType): torch.Tensor {
  if (dtype.isFloatingPoint) return t.to(dtype);
  if (dtype === torch.bool) return t.gt(0);
  const size = t.abs().mul(3).trunc().add(1);
  return (dtype.isSigned ? size.mul(t.sign()) : size).to(dtype);
}

/** Numbers of steps and of sequences stay on the CPU; lengths of segments do not. */
const staysOnCpu = ({ schema }: Op, i: number): boolean =>
  schema.parameters[i]!.name === 'batch_sizes' ||
  (schema.parameters[i]!.name === 'lengths' && schema.name !== 'segment_reduce');

/** An argument as it is on a device. */
function placed(arg: unknown, { device, layout, dtype }: Variation): unknown {
  if (Array.isArray(arg)) return arg.map((item) => placed(item, { device, layout, dtype }));
  if (arg === torch.float64) return torch.float32;
  if (arg instanceof torch.Device) return torch.device(device);
  if (!(arg instanceof torch.Tensor)) return arg;
  if (arg.isComplex()) return arg.detach().to(torch.complex64).to(device).requiresGrad_(arg.requiresGrad);
  if (!arg.dtype.isFloatingPoint) return arg.to(device);
  // Tensors that require grad are computed with; other fractions are constants.
  if (!arg.requiresGrad) return arg.float().to(device);
  const moved = layout(converted(arg.detach(), dtype).to(device));
  return dtype.isFloatingPoint ? moved.detach().requiresGrad_() : moved;
}

interface Outcome {
  readonly tensors: readonly torch.Tensor[];
  readonly refused: Error | null;
}

const leaves = (value: unknown): torch.Tensor[] =>
  value instanceof torch.Tensor ? [value] : Array.isArray(value) ? value.flatMap(leaves) : [];

/** Weights that differ from place to place, so that no element's gradient goes unnoticed. */
const weighted = (t: torch.Tensor): torch.Tensor =>
  torch.arange(t.numel()).remainder(7).sub(3).div(4).reshape(t.shape).to(t.device, t.dtype);

/** The results of a sample and the gradients of its inputs. */
async function outcome(op: Op, { args }: Sample, variation: Variation): Promise<Outcome> {
  torch.manualSeed(3);
  try {
    const bound = args.map((arg, i) => (staysOnCpu(op, i) ? arg : placed(arg, variation)));
    const given = leaves(bound).filter((t) => t.requiresGrad);
    // A tensor that is changed in place must be no leaf.
    if (op.schema.name.endsWith('_')) bound[0] = (bound[0] as torch.Tensor).clone();
    const isSignless = signless.test(op.schema.name);
    const results = leaves(await called(op, bound)).map((t) => (isSignless ? t.square() : t));
    const roots = results.filter((t) => t.requiresGrad && !t.isComplex());
    if (roots.length === 0 || given.length === 0) return { tensors: results, refused: null };
    const gradients = torch.autograd.grad(roots, given, roots.map(weighted), {
      allowUnused: true,
      materializeGrads: true,
    }) as torch.Tensor[];
    return { tensors: [...results, ...gradients], refused: null };
  } catch (error) {
    return { tensors: [], refused: error as Error };
  }
}

/** Calls an op; only rows that say so may need values that must be waited for. */
async function called(op: Op, args: unknown[]): Promise<unknown> {
  if (op.row.reads) return waiting(args, () => dispatch(op, args));
  return dispatch(op, args);
}

/**
 * Elements of a Fourier transform are sums of all others: each is as exact as the largest of them. Inverses of samples whose condition is
 * about a hundred are less exact than that, and so are their gradients.
 */
const scaleOf = ({ schema: { name } }: Op, expected: torch.Tensor): number =>
  /fft|pinv|cond/.test(name) && expected.numel() > 0
    ? Math.max(1, expected.detach().abs().max().item() * (/fft/.test(name) ? 0.1 : 10))
    : 1;

async function compare(op: Op, sample: Sample, dtype: torch.DType, layout: string): Promise<boolean> {
  const where = `${sample.label} of ${dtype}, ${layout}`;
  const variation = { layout: layouts[layout]!, dtype };
  const here = await outcome(op, sample, { ...variation, device: 'cpu' });
  const there = await outcome(op, sample, { ...variation, device: 'webgpu' });
  if (here.refused !== null) {
    // Indices are checked when somebody reads.
    const late =
      there.refused ?? (await Promise.all(there.tensors.map((t) => t.toArrayAsync())).catch((e) => e));
    expect(late, `${where}: the CPU says ${here.refused.message}`).toBeInstanceOf(Error);
    return false;
  }
  if (there.refused !== null && noFloat64.test(there.refused.message)) return false;
  // Rows of kernels tell which of them the GPU lacks, and the compiler that it has all others; an op that needs one says so.
  if (there.refused instanceof MissingKernelError) return true;
  if (there.refused !== null) throw new Error(`${where}: ${there.refused.message}`, { cause: there.refused });
  expect(there.tensors.length, where).toBe(here.tensors.length);
  const tolerance = { float16: 2e-3, bfloat16: 1.6e-2 }[dtype.name] ?? 2e-5;
  for (const [i, t] of there.tensors.entries()) {
    const e = here.tensors[i]!;
    const isExact = !unequal.test(op.schema.name);
    try {
      if (isExact) await expectSame(t, e, { rtol: tolerance, atol: tolerance * scaleOf(op, e) });
      else expect([t.shape, t.dtype]).toEqual([e.shape, e.dtype]);
    } catch (error) {
      throw new Error(`${where}, tensor ${i}: ${(error as Error).message}`);
    }
  }
  return true;
}

/** A number that depends on the text alone, so that a new op changes no other's turn (Fowler, Noll and Vo, 1a). */
const hash = (text: string): number =>
  [...text].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 0x01000193), 0x811c9dc5) >>> 1;

/** Dtypes of parts of other ops, which give them no others. */
const own: Readonly<Record<string, readonly torch.DType[]>> = {
  _var: [torch.float32, torch.float16, torch.bfloat16],
  _std: [torch.float32, torch.float16, torch.bfloat16],
  _nextafter_half: [torch.float16, torch.bfloat16],
};
const ops = [...new Set(allOps())].filter(
  (op) =>
    op.schema.parameters.some((p) => p.type.startsWith('Tensor')) &&
    // Other devices refuse eigenvalues whatever the dtype.
    !/^(eig|eigvals)$/.test(op.schema.name),
);

describe.skipIf(!hasAdapter)('every op agrees with the CPU', () => {
  it.each(ops.map((op) => [op.schema.source, op] as const))('%s', async (source, op) => {
    const isInPlace = op.schema.name.endsWith('_');
    const samples = samplesOf(op);
    const first = samples[0]!;
    let tried = 0;
    const attempt = async (sample: Sample, dtype: torch.DType, layout: string) => {
      if (await compare(op, sample, dtype, layout)) tried++;
    };
    const suited = own[op.schema.name] ?? dtypes;
    const usual = own[op.schema.name]?.[0] ?? torch.float32;
    // The in-place form takes the same arguments.
    for (const sample of isInPlace ? [first] : samples) await attempt(sample, usual, 'dense');
    // Ops that take no fractions.
    const main = tried > 0 ? usual : torch.int64;
    if (tried === 0) for (const sample of samples) await attempt(sample, main, 'dense');
    if (!elsewhere.test(op.schema.name))
      expect(tried, 'none of its samples suits the CPU').toBeGreaterThan(0);
    // Ops of the library's own trust their callers to give them sizes that belong together.
    const usable = layoutNames.filter(
      (name) =>
        !(isInPlace && name === 'expanded') &&
        // Matrices of equal rows have no one QR, and no one gradient of it or of a determinant, and are not positive-definite.
        !(
          /^(qr|_?cholesky(_ex)?|_?(linalg_)?(slog|log)?det)$/.test(op.schema.name) &&
          /^(expanded|large)$/.test(name)
        ) &&
        !(ofRank.test(op.schema.name) && /^(expanded|large)$/.test(name)) &&
        !(op.schema.name.startsWith('_') && otherSizes.has(name)) &&
        // Its powers overflow, and the gradient of a product without zeros has another form on the CPU.
        !(op.schema.name === 'vander' && name === 'large'),
    );
    // A layout for every other op, a dtype for the rest.
    const turn = hash(source);
    const [half, ofLayouts] = [turn >> 1, turn % 2 === 0];
    for (const layout of isFull ? usable : ofLayouts ? [usable[half % usable.length]!] : [])
      await attempt(first, main, layout);
    for (const dtype of isFull ? suited : ofLayouts ? [] : [suited[half % suited.length]!])
      await attempt(first, dtype, 'dense');
  });
});
