import { enableGrad, noGradSync } from '../autograd/modes.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import { strided } from '../core/memory_format.js';
import { keep } from '../core/scope.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { checked } from './check_options.js';
import { Optimizer, type OptionsOf, type Params } from './optimizer.js';
import { isBelow, type Real, smaller, times, valueOf } from './reals.js';
import { type Point, strongWolfe } from './strong_wolfe.js';

const lbfgs = signature(
  'LBFGS(Params params, float|Tensor lr=1, int max_iter=20, int? max_eval=None, float tolerance_grad=1e-7, float tolerance_change=1e-9, int history_size=100, str? line_search_fn=None)',
);
const step = signature('step(Callable closure)');

export type LBFGSOptions = OptionsOf<typeof lbfgs>;

/** State that `LBFGS` keeps between steps, of all parameters together: vectors of all their elements in a row. */
export interface LBFGSState extends Record<string, unknown> {
  funcEvals: number;
  nIter: number;
  /** Factors of the last recursion, for each kept difference. */
  al: (Tensor | null)[];
  /** The direction. */
  d: Tensor;
  /** The step's size. */
  t: Real;
  /** Differences of gradients and of parameters, and 1 / (one · other), the oldest first. */
  oldDirs: Tensor[];
  oldStps: Tensor[];
  ro: Tensor[];
  /** The first guess of the inverse Hessian, times the identity. */
  H_diag: Real;
  prevFlatGrad: Tensor;
  prevLoss: number;
}

/** The length of all elements in a row, complex ones as two numbers. */
const flat = (t: Tensor): Tensor => (t.isComplex() ? ops.viewAsReal(t) : t).reshape([-1]);

/**
 * The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno (J. Nocedal, Updating Quasi-Newton Matrices with Limited Storage,
 * 1980). It calls the closure several times a step and needs its loss at once, so the parameters' device must be one that need not be
 * waited for. All parameters share the same options.
 *
 * @example
 * const optimizer = new torch.optim.LBFGS(net.parameters(), { lineSearchFn: 'strong_wolfe' });
 * optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = net.forward(x).sub(y).square().mean();
 *   loss.backward();
 *   return loss;
 * });
 */
export class LBFGS extends Optimizer<LBFGSState, LBFGSOptions> {
  /**
   * @param params parameters, plain or named
   * @param lr the learning rate
   * @param maxIter the most iterations of a step
   * @param maxEval the most calls of the closure in a step; null: maxIter · 1.25
   * @param toleranceGrad the size of the gradient at which a step ends
   * @param toleranceChange the change of the loss or of the parameters at which a step ends
   * @param historySize how many past changes are kept
   * @param lineSearchFn 'strong_wolfe', or null for steps of a fixed size
   */
  constructor(...args: Arguments<typeof lbfgs, { params: Params<LBFGSOptions> }>) {
    const given = lbfgs.bind(args);
    const maxEval = given.maxEval ?? Math.floor((given.maxIter * 5) / 4);
    const { params, options } = checked({ ...given, maxEval, foreach: null });
    Reflect.deleteProperty(options, 'foreach');
    super(params as Params<LBFGSOptions>, options, lbfgs);
    if (this.paramGroups.length !== 1)
      throw new ValueError("LBFGS doesn't support per-parameter options (parameter groups)");
  }

  /** Changes nothing: `step` moves all parameters together. */
  protected override update(): void {}

  protected override packNumber(value: number): unknown {
    return value;
  }

  /** Calls `closure` with gradients on as often as it takes, moves the parameters, and returns what its first call did: the loss. */
  override step<Loss>(...args: [closure?: (() => Loss) | { closure: () => Loss } | null]): Loss {
    return this.hooked(args, (given) => {
      const { closure } = step.bind(given, 'LBFGS.step');
      this.stepCalled = true;
      keep(this);
      return noGradSync(() => this.#run(() => enableGrad(closure as () => Loss)));
    });
  }

  #run<Loss>(closure: () => Loss): Loss {
    const [group] = this.paramGroups;
    const { maxIter, toleranceGrad, toleranceChange, historySize, lineSearchFn } = group;
    const maxEval = group.maxEval!;
    const lr: Real = group.lr;
    const [first] = group.params;
    const state: Partial<LBFGSState> = this.state.get(first) ?? { funcEvals: 0, nIter: 0 };
    this.state.set(first, state as LBFGSState);
    const evaluated = (): [number, Tensor] => [numberOf(closure()), this.#gradient()];
    const original = closure();
    let loss = numberOf(original);
    let grad = this.#gradient();
    let evaluations = 1;
    state.funcEvals!++;
    let isOptimal = largestOf(grad) <= toleranceGrad;
    if (isOptimal) return original;
    let { d, t, prevFlatGrad, prevLoss } = state as { d: Tensor } & Partial<LBFGSState>;
    for (let n = 1; n <= maxIter; n++) {
      state.nIter!++;
      d =
        state.nIter === 1
          ? this.#begin(state, grad)
          : this.#direction(state, grad, prevFlatGrad!, d, t!, historySize);
      if (prevFlatGrad === undefined) prevFlatGrad = grad.clone();
      else prevFlatGrad.copy_(grad);
      prevLoss = loss;
      const size: Real = state.nIter === 1 ? times(smaller(1, grad.abs().sum().reciprocal()), lr) : lr;
      t = size;
      const slope = grad.dot(d);
      if (isBelow(-toleranceChange, slope)) break;
      let calls = 0;
      if (lineSearchFn === null) {
        this.#move(size, d);
        if (n !== maxIter) {
          [loss, grad] = evaluated();
          isOptimal = largestOf(grad) <= toleranceGrad;
          calls = 1;
        }
      } else {
        if (lineSearchFn !== 'strong_wolfe') throw new RuntimeError("only 'strong_wolfe' is supported");
        const kept = group.params.map((parameter) => parameter.clone());
        const direction = d;
        const evaluate = (at: Real): Point => {
          this.#move(at, direction);
          const [value, gradient] = evaluated();
          for (const [i, parameter] of group.params.entries()) parameter.copy_(kept[i]);
          return { t: at, loss: value, grad: gradient, slope: gradient.dot(direction) };
        };
        const start = { t: 0, loss, grad: grad.clone(), slope };
        const most = maxEval - evaluations;
        const search = { start, t: size, largest: d.abs().max(), toleranceChange, most };
        const { point, evaluations: tried } = strongWolfe(search, evaluate);
        ({ loss, grad } = point);
        t = point.t;
        calls = tried;
        this.#move(point.t, d);
        isOptimal = largestOf(grad) <= toleranceGrad;
      }
      evaluations += calls;
      state.funcEvals! += calls;
      const isStill = largestOf(d.mul(t)) <= toleranceChange;
      const isSame = Math.abs(loss - prevLoss) < toleranceChange;
      if (n === maxIter || evaluations >= maxEval || isOptimal || isStill || isSame) break;
    }
    Object.assign(state, { d, t, prevFlatGrad, prevLoss });
    return original;
  }

  /** Begins with the steepest descent. */
  #begin(state: Partial<LBFGSState>, grad: Tensor): Tensor {
    Object.assign(state, { oldDirs: [], oldStps: [], ro: [], H_diag: 1 });
    return grad.neg();
  }

  /** The direction by the inverse Hessian that the last changes let guess, in two loops over them. */
  #direction(
    state: Partial<LBFGSState>,
    grad: Tensor,
    before: Tensor,
    last: Tensor,
    t: Real,
    historySize: number,
  ): Tensor {
    const { oldDirs, oldStps, ro } = state as LBFGSState;
    const y = grad.sub(before);
    const s = last.mul(t);
    const ys = y.dot(s);
    if (ys.item() > 1e-10) {
      if (oldDirs.length === historySize) for (const list of [oldDirs, oldStps, ro]) list.shift();
      oldDirs.push(y);
      oldStps.push(s);
      ro.push(ys.reciprocal());
      state.H_diag = ys.div(y.dot(y));
    }
    state.al ??= new Array<Tensor | null>(historySize).fill(null);
    const { al } = state;
    const q = grad.neg();
    for (let i = oldDirs.length - 1; i >= 0; i--) {
      al[i] = oldStps[i].dot(q).mul(ro[i]);
      q.add_(oldDirs[i], { alpha: -al[i]!.item() });
    }
    const r = q.mul(state.H_diag!);
    for (const [i, oldDir] of oldDirs.entries())
      r.add_(oldStps[i], { alpha: al[i]!.sub(oldDir.dot(r).mul(ro[i])).item() });
    return r;
  }

  /** The gradients of all parameters in a row; zeros where there is none. */
  #gradient(): Tensor {
    const parts = this.paramGroups[0].params.map((parameter) => {
      const { grad } = parameter;
      if (grad?.layout === strided) return flat(grad);
      const zeros = parameter.detach().zerosLike();
      return flat(grad === null ? zeros : zeros.add(grad));
    });
    return ops.cat(parts);
  }

  /** Moves the parameters along a direction. */
  #move(t: Real, direction: Tensor): void {
    const alpha = valueOf(t);
    let begin = 0;
    for (const parameter of this.paramGroups[0].params) {
      const view = parameter.isComplex() ? ops.viewAsReal(parameter) : parameter;
      const length = view.numel();
      view.add_(direction.narrow(0, begin, length).reshape(view.shape), { alpha });
      begin += length;
    }
  }
}

/** A loss as a number. */
const numberOf = (loss: unknown): number => (loss instanceof Tensor ? loss.item() : Number(loss));

const largestOf = (t: Tensor): number => t.abs().max().item();
