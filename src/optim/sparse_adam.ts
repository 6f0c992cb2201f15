import { RuntimeError, ValueError } from '../core/errors.js';
import { formatFloat, formatValue } from '../core/repr.js';
import { type Arguments, floats, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { layoutRules } from '../dispatch/layouts.js';
import '../sparse/rules.js';
import { checked, rateOf } from './check_options.js';
import { Optimizer, type OptionsOf, type ParamGroup, type Params } from './optimizer.js';
import { asRate } from './rate.js';

const sparseAdam = signature(
  'SparseAdam(Params params, float|Tensor lr=1e-3, Betas betas=[0.9,0.999], float eps=1e-8, bool maximize=False)',
);

export type SparseAdamOptions = OptionsOf<typeof sparseAdam>;

/** State that `SparseAdam` keeps for a parameter between steps. */
export interface SparseAdamState extends Record<string, Tensor | number> {
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

/** Adam for sparse gradients: only what a gradient has elements for is updated, the running means too. */
export class SparseAdam extends Optimizer<SparseAdamState, SparseAdamOptions> {
  /**
   * @param params strided parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param betas the decay of the running means of the gradient and of its square
   * @param eps keeps the denominator from zero
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof sparseAdam, { params: Params<SparseAdamOptions> }>) {
    const given = sparseAdam.bind(args);
    checkPositive(given, 'lr', 'learning rate');
    checkPositive(given, 'eps', 'epsilon value');
    const { params, options } = checked({ ...given, foreach: null }, 'betas');
    const { foreach: _, ...own } = options;
    super(
      params as Params<SparseAdamOptions>,
      Object.assign(own, { [floats]: Reflect.get(given, floats) }),
      sparseAdam,
    );
    this.#refuse((p) => p.isSparse, 'Sparse', 'requires dense parameter tensors');
    this.#refuse((p) => p.isComplex(), 'Complex', 'does not support complex parameters');
  }

  #refuse(isWrong: (param: Tensor) => boolean, kind: string, rest: string): void {
    const found = this.paramGroups.flatMap(({ params }, i) =>
      params.flatMap((param, j) => (isWrong(param) ? [`[${i}, ${j}]`] : [])),
    );
    if (found.length > 0)
      throw new ValueError(`${kind} params at indices [${found.join(', ')}]: SparseAdam ${rest}`);
  }

  protected override packNumber(value: number): unknown {
    return value;
  }

  /** Refuses dense gradients. */
  protected override update(): never {
    throw new RuntimeError('SparseAdam does not support dense gradients, please consider Adam instead');
  }

  /** @internal */
  protected override updateSparse(
    param: Tensor,
    given: Tensor,
    group: ParamGroup<SparseAdamOptions>,
    state: Partial<SparseAdamState>,
  ): void {
    const {
      lr,
      betas: [beta1, beta2],
      eps,
      maximize,
    } = group;
    state.step = (state.step ?? 0) + 1;
    state.expAvg ??= param.detach().zerosLike();
    state.expAvgSq ??= param.detach().zerosLike();
    const grad = (maximize ? given.neg() : given).coalesce();
    const rows = grad._values();
    if (rows.numel() === 0) return;
    const at = (values: Tensor): Tensor => layoutRules!.make(grad._indices(), values, grad.shape);
    /** Moves a running mean of what is there towards it, and gives the new one. */
    const moved = (mean: Tensor, value: Tensor, beta: number): Tensor => {
      const before = mean.sparseMask(grad)._values();
      const change = value.sub(before).mul_(1 - beta);
      mean.add_(at(change));
      return change.add_(before);
    };
    const numerator = moved(state.expAvg, rows, beta1);
    const denominator = moved(state.expAvgSq, rows.pow(2), beta2).sqrt_().add_(eps);
    const corrected = asRate(group, lr * asRate(group, Math.sqrt(1 - beta2 ** state.step)));
    const size = asRate(group, corrected / asRate(group, 1 - beta1 ** state.step));
    param.add_(at(numerator.div_(denominator).mul_(-size)));
  }
}

/** @throws ValueError in PyTorch's words unless an option is positive */
function checkPositive(
  given: { readonly lr: number | Tensor; readonly eps: number },
  name: 'lr' | 'eps',
  title: string,
): void {
  // A rate on a device that must be waited for cannot be looked at here.
  if (name === 'lr' && given.lr instanceof Tensor && !given.lr.isReadable) return;
  const value = name === 'lr' ? rateOf(given.lr) : given.eps;
  if (value > 0) return;
  const isFloat = (Reflect.get(given, floats) as ReadonlySet<string>).has(name);
  throw new ValueError(`Invalid ${title}: ${isFloat ? formatFloat(value) : formatValue(value)}`);
}
