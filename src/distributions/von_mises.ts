import { noGradSync } from '../autograd/modes.js';
import { bool, float64 } from '../core/dtype.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { positive, real } from './constraints/bounds.js';
import { Distribution, distributionClass } from './distribution.js';
import { broadcastAll, lazy } from './utils.js';

const vonMises = signature('VonMises(Value loc, Value concentration, bool? validate_args=None)');

/** The circular von Mises distribution: of angles in radians, between -π and π. */
export class VonMises extends Distribution {
  declare readonly loc: Tensor;
  declare readonly concentration: Tensor;
  /** The constant of rejection sampling, in double precision. */
  declare private readonly proposal: Proposal;

  /**
   * @param loc the mean angle
   * @param concentration how near to it the angles are
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof vonMises>) {
    const { validateArgs, ...given } = vonMises.bind(args, new.target.name);
    const [loc, concentration] = broadcastAll(given.loc, given.concentration);
    super(loc.shape, [], validateArgs, { loc, concentration });
  }

  override get argConstraints() {
    return { loc: real, concentration: positive };
  }

  override get support() {
    return real;
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    const { concentration } = this;
    return logModifiedBessel(concentration, 1).sub(logModifiedBessel(concentration, 0)).exp().rsub(1);
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    return this.concentration
      .mul(x.sub(this.loc).cos())
      .sub(Math.log(2 * Math.PI))
      .sub(logModifiedBessel(this.concentration, 0));
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    return noGradSync(() => reject(this.proposal, shape).to(this.loc.dtype));
  }
}

lazy(VonMises, {
  proposal() {
    return proposalOf(this.loc.to(float64), this.concentration.to(float64));
  },
});

interface Proposal {
  readonly loc: Tensor;
  readonly concentration: Tensor;
  readonly r: Tensor;
}

function proposalOf(loc: Tensor, concentration: Tensor): Proposal {
  const tau = concentration.pow(2).mul(4).add(1).sqrt().add(1);
  const rho = tau.sub(tau.mul(2).sqrt()).div(concentration.mul(2));
  const usual = rho.pow(2).add(1).div(rho.mul(2));
  // A second order Taylor expansion around 0.
  const small = concentration.reciprocal().add(concentration);
  return { loc, concentration, r: ops.where(concentration.lt(1e-5), small, usual) };
}

/** Draws by D. J. Best and N. I. Fisher's rejection method (1979) until every element has a number. */
function reject({ loc, concentration, r }: Proposal, shape: Shape): Tensor {
  const { dtype, device } = loc;
  let x = ops.zeros(shape, { dtype, device });
  let done = ops.zeros(shape, { dtype: bool, device });
  while (!done.all().item()) {
    const [u1, u2, u3] = ops.rand([3, ...shape], { dtype, device }).unbind();
    const z = u1.mul(Math.PI).cos();
    const f = r.mul(z).add(1).div(r.add(z));
    const c = concentration.mul(r.sub(f));
    const accept = c.mul(c.rsub(2)).sub(u2).gt(0).logicalOr(c.div(u2).log().add(1).sub(c).ge(0));
    x = ops.where(accept, u3.sub(0.5).sign().mul(f.acos()), x);
    done = done.logicalOr(accept);
  }
  return x
    .add(Math.PI)
    .add(loc)
    .remainder(2 * Math.PI)
    .sub(Math.PI);
}

/** Coefficients of I₀ and I₁, for arguments below and from 3.75 on (Abramowitz and Stegun, 9.8). */
const small = [
  [1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813],
  [0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411],
];
const large = [
  [
    0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633,
    0.00392377,
  ],
  [
    0.39894228, -0.03988024, -0.00362018, 0.00163801, -0.01031555, 0.02282967, -0.02895312, 0.01787654,
    -0.00420059,
  ],
];

function polynomial(y: Tensor, coefficients: readonly number[]): Tensor {
  const [last, ...others] = [...coefficients].reverse();
  return others.reduce<Tensor>((sum, coefficient) => y.mul(sum).add(coefficient), y.fullLike(last));
}

/** The logarithm of the modified Bessel function of the first kind, for positive numbers. */
function logModifiedBessel(x: Tensor, order: 0 | 1): Tensor {
  const ratio = x.div(3.75);
  const low = polynomial(ratio.mul(ratio), small[order]);
  const high = x.sub(x.log().mul(0.5)).add(polynomial(ratio.reciprocal(), large[order]).log());
  return ops.where(x.lt(3.75), (order === 1 ? x.abs().mul(low) : low).log(), high);
}

distributionClass(VonMises);
