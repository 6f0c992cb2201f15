import { RuntimeError, ValueError } from '../core/errors.js';
import { formatSize } from '../core/printing.js';
import { formatFloat } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { rateOf } from './check_options.js';
import { Optimizer, type OptionsOf, type ParamGroup, type Params } from './optimizer.js';
import { asRate } from './rate.js';

const muon = signature(
  'Muon(Params params, float|Tensor lr=1e-3, float weight_decay=0.1, float momentum=0.95, bool nesterov=True, float[3] ns_coefficients=[3.4445,-4.775,2.0315], float eps=1e-7, int ns_steps=5, str? adjust_lr_fn=None)',
);

export type MuonOptions = OptionsOf<typeof muon>;

/** State that `Muon` keeps for a parameter between steps. */
export interface MuonState extends Record<string, Tensor | number> {
  momentumBuffer: Tensor;
}

/** By how much the learning rate is larger for a matrix of this shape. */
const adjustments: Readonly<Record<string, (rows: number, columns: number) => number>> = {
  original: (rows, columns) => Math.sqrt(Math.max(1, rows / columns)),
  match_rms_adamw: (rows, columns) => 0.2 * Math.sqrt(Math.max(rows, columns)),
};

/** The nearest matrix whose rows or columns are orthonormal, by Newton and Schulz's iteration in bfloat16. */
function orthogonalized(grad: Tensor, coefficients: readonly number[], steps: number, eps: number): Tensor {
  if (steps >= 100)
    throw new ValueError('Number of steps must be less than 100 for computational efficiency');
  const [a, b, c] = coefficients;
  const isTall = grad.shape[0] > grad.shape[1];
  const turned = (x: Tensor): Tensor => (isTall ? x.t() : x);
  let x = turned(grad.bfloat16());
  // With a spectral norm of at most 1 the iteration converges.
  x = x.div(x.norm().clamp({ min: eps }));
  for (let i = 0; i < steps; i++) {
    const gram = x.matmul(x.t());
    const change = gram.addmm(gram, gram, { beta: b, alpha: c });
    x = x.addmm(change, x, { beta: a });
  }
  return turned(x);
}

/** Muon (Jordan et al., 2024): momentum whose matrices are made orthogonal before they are followed. */
export class Muon extends Optimizer<MuonState, MuonOptions> {
  /**
   * @param params matrices, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param weightDecay how fast values decay
   * @param momentum how much of the running mean of the gradient stays
   * @param nesterov whether the gradient is looked up ahead
   * @param nsCoefficients the coefficients of the iteration's polynomial
   * @param eps keeps norms from zero
   * @param nsSteps the steps of the iteration
   * @param adjustLrFn how the learning rate follows the shape: 'original' (also null) or 'match_rms_adamw'
   */
  constructor(...args: Arguments<typeof muon, { params: Params<MuonOptions> }>) {
    const { params, ...options } = muon.bind(args);
    const { lr, momentum, weightDecay, adjustLrFn } = options;
    const rate = rateOf(lr);
    for (const [name, value] of [
      ['Learning rate', rate],
      ['momentum', momentum],
      ['weight decay', weightDecay],
    ] as const)
      if (!(value >= 0)) throw new ValueError(`${name} should be >= 0 but is: ${formatFloat(value)}`);
    if (adjustLrFn !== null && !Object.hasOwn(adjustments, adjustLrFn))
      throw new ValueError(`Adjust learning rate function ${adjustLrFn} is not supported`);
    super(params as Params<MuonOptions>, options as MuonOptions, muon);
    for (const parameter of this.paramGroups.flatMap((group) => group.params))
      if (parameter.ndim !== 2)
        throw new ValueError(
          `Muon only supports 2D parameters whereas we found a parameter with size: ${formatSize(parameter.shape)}`,
        );
  }

  protected override update(
    parameter: Tensor,
    grad: Tensor,
    group: ParamGroup<MuonOptions>,
    state: Partial<MuonState>,
  ): void {
    if (parameter.isComplex()) throw new RuntimeError('Muon does not support complex parameters');
    const { lr, weightDecay, momentum, nesterov, nsCoefficients, nsSteps, eps, adjustLrFn } = group;
    state.momentumBuffer ??= grad.zerosLike();
    const buffer = state.momentumBuffer.lerp_(grad, 1 - momentum);
    const followed = nesterov ? grad.lerp(buffer, momentum) : buffer;
    const change = orthogonalized(followed, nsCoefficients, nsSteps, eps);
    const [rows, columns] = parameter.shape;
    parameter.mul_(asRate(group, 1 - asRate(group, lr * asRate(group, weightDecay))));
    parameter.add_(change.to(parameter.dtype), {
      alpha: asRate(group, -lr * asRate(group, adjustments[adjustLrFn ?? 'original'](rows, columns))),
    });
  }
}
