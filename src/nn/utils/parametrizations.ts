/** `torch.nn.utils.parametrizations`. */
import { ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import type { Module } from '../module.js';
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from '../modules/conv.js';
import { isOrthogonalMap, Orthogonal } from './orthogonal_parametrization.js';
import { keyOf } from './parametrization_list.js';
import { registerParametrization } from './parametrize.js';
import { SpectralNorm } from './spectral_parametrization.js';
import { WeightNorm } from './weight_parametrization.js';

const weightNormSignature = signature("weight_norm(Any module, str name='weight', int? dim=0)");

/**
 * Makes a weight a product of its length and its direction, `original0` and `original1` of its parametrization.
 *
 * @param module the module
 * @param name the weight's name
 * @param dim the dimension that lengths are counted along; null: one length for all
 * @returns the module
 */
export function weightNorm<M extends Module>(
  ...args: Arguments<typeof weightNormSignature, { module: M }>
): M {
  const { name, dim, ...given } = weightNormSignature.bind(args);
  const module = given.module as M;
  registerParametrization(module, name, new WeightNorm(dim ?? -1), { unsafe: true });
  module.registerLoadStateDictPreHook((_, state, prefix) => {
    const stateKey = keyOf(module, name);
    const [g, v] = [`${prefix}${stateKey}_g`, `${prefix}${stateKey}_v`];
    if (!(g in state && v in state)) return;
    for (const [i, key] of [g, v].entries()) {
      state[`${prefix}parametrizations.${stateKey}.original${i}`] = state[key];
      delete state[key];
    }
  });
  return module;
}

/** @throws ValueError unless a module has such a tensor */
function tensorOf(module: Module, name: string): Tensor {
  const weight: unknown = Reflect.get(module, name);
  if (!(weight instanceof Tensor))
    throw new ValueError(`Module '${module}' has no parameter or buffer with name '${name}'`);
  return weight;
}

/** The dimension of a weight that counts outputs. */
const outputDim = (module: Module): number =>
  [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((Class) => module instanceof Class) ? 1 : 0;

const spectralNormSignature = signature(
  "spectral_norm(Any module, str name='weight', int n_power_iterations=1, float eps=1e-12, int? dim=None)",
);

/**
 * Divides a weight by its largest singular value, which power iterations estimate at every step of training.
 *
 * @param module the module
 * @param name the weight's name
 * @param nPowerIterations how many iterations each step makes
 * @param eps the least length that vectors are divided by
 * @param dim the dimension that counts outputs; that of the module's kind unless given
 * @returns the module
 */
export function spectralNorm<M extends Module>(
  ...args: Arguments<typeof spectralNormSignature, { module: M }>
): M {
  const { name, nPowerIterations, eps, dim, ...given } = spectralNormSignature.bind(args);
  const module = given.module as M;
  const weight = tensorOf(module, name);
  const norm = new SpectralNorm(weight, nPowerIterations, dim ?? outputDim(module), eps);
  return registerParametrization(module, name, norm);
}

const orthogonalSignature = signature(
  "orthogonal(Any module, str name='weight', str? orthogonal_map=None, *, bool use_trivialization=True)",
);

/**
 * Makes matrices orthogonal (unitary), or their rows or columns orthonormal where they are not square.
 *
 * @param module the module
 * @param name the weight's name
 * @param orthogonalMap how they are computed: 'matrix_exp', 'cayley' or 'householder'; the first for square and complex matrices, else
 *   the last, unless given
 * @param useTrivialization whether they are counted from where they were, so that training begins there
 * @returns the module
 */
export function orthogonal<M extends Module>(
  ...args: Arguments<typeof orthogonalSignature, { module: M }>
): M {
  const { name, orthogonalMap, useTrivialization, ...given } = orthogonalSignature.bind(args);
  const module = given.module as M;
  const weight = tensorOf(module, name);
  const { ndim, shape } = weight;
  if (ndim < 2)
    throw new ValueError(`Expected a matrix or batch of matrices. Got a tensor of ${ndim} dimensions.`);
  const isSquare = shape[ndim - 2] === shape[ndim - 1];
  const map = orthogonalMap ?? (isSquare || weight.isComplex() ? 'matrix_exp' : 'householder');
  if (!isOrthogonalMap(map))
    throw new ValueError(
      `orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: ${map}`,
    );
  return registerParametrization(module, name, new Orthogonal(weight, map, useTrivialization), {
    unsafe: true,
  });
}
