import { noGradSync } from '../autograd/modes.js';
import { AssertionError, ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { Size } from '../core/layout.js';
import { formatValue } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { IndependentConstraint } from './constraints/composed_constraints.js';
import type { Constraint } from './constraints/constraint.js';
import { Distribution, distributionClass } from './distribution.js';
import { Independent } from './independent.js';
import { Transform } from './transforms/base_transform.js';
import { ComposeTransform, signOf } from './transforms/composed_transforms.js';
import { joined, sumRightmost } from './utils.js';

const transformed = signature(
  'TransformedDistribution(Any base_distribution, Any transforms, bool? validate_args=None, Dict parameters={})',
);

/**
 * The distribution of what transforms make of another distribution's samples.
 *
 * @example
 * const { AffineTransform, SigmoidTransform } = torch.distributions.transforms;
 * const base = new torch.distributions.Uniform(0, 1);
 * const steps = [new SigmoidTransform().inv, new AffineTransform(2, 0.5)];
 * new torch.distributions.TransformedDistribution(base, steps); // a logistic distribution
 */
export class TransformedDistribution<D extends Distribution = Distribution> extends Distribution {
  declare readonly baseDist: D;
  declare readonly transforms: readonly Transform[];

  /**
   * @param baseDistribution the distribution
   * @param transforms a transform, or several, the first one first
   * @param validateArgs whether parameters and values are checked
   * @param parameters a subclass's own parameters, by name
   */
  constructor(
    ...args: Arguments<
      typeof transformed,
      { baseDistribution: D; transforms: Transform | readonly Transform[] }
    >
  ) {
    const { baseDistribution, validateArgs, parameters, ...given } = transformed.bind(args, new.target.name);
    const transforms = listed(given.transforms);
    const whole = new ComposeTransform(transforms);
    let baseDist: Distribution = baseDistribution as D;
    const baseShape = joined(baseDist.batchShape, baseDist.eventShape);
    const baseEventDim = baseDist.eventShape.length;
    const { domain, codomain } = whole;
    if (baseShape.length < domain.eventDim)
      throw new ValueError(
        `base_distribution needs to have shape with size at least ${domain.eventDim}, but got ${Size.create(baseShape)}.`,
      );
    const shape = whole.forwardShape(baseShape);
    const expanded = whole.inverseShape(shape);
    if (expanded.join() !== baseShape.join())
      baseDist = baseDist.expand(expanded.slice(0, expanded.length - baseEventDim));
    const reinterpreted = domain.eventDim - baseEventDim;
    if (reinterpreted > 0) baseDist = new Independent(baseDist, reinterpreted);
    const eventDim = Math.max(codomain.eventDim, baseEventDim + codomain.eventDim - domain.eventDim);
    if (shape.length < eventDim)
      throw new AssertionError(`forward_shape length ${shape.length} must be >= event_dim ${eventDim}`);
    const cut = shape.length - eventDim;
    super([...shape.slice(0, cut)], [...shape.slice(cut)], validateArgs, {
      ...parameters,
      baseDist,
      transforms,
    });
  }

  override expand(batchShape: Shape): this {
    const shape = this.transforms.reduceRight<Shape>(
      (result, transform) => transform.inverseShape(result),
      joined(batchShape, this.eventShape),
    );
    const { baseDist } = this;
    const base = baseDist.expand(shape.slice(0, shape.length - baseDist.eventShape.length));
    return this.expandedWith(batchShape, { baseDist: base });
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {};
  }

  override get support(): Constraint {
    const { transforms, eventShape } = this;
    if (transforms.length === 0) return this.baseDist.support;
    const { codomain } = transforms[transforms.length - 1];
    const more = eventShape.length - codomain.eventDim;
    return more > 0 ? new IndependentConstraint(codomain, more) : codomain;
  }

  override get hasRsample(): boolean {
    return this.baseDist.hasRsample;
  }

  override sample(sampleShape: Shape = []): Tensor {
    return noGradSync(() => this.transform(this.baseDist.sample(sampleShape)));
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.transform(this.baseDist.rsample(sampleShape));
  }

  private transform(x: Tensor): Tensor {
    return this.transforms.reduce((value, transform) => transform.forward(value), x);
  }

  override logProb(value: Tensor): Tensor {
    let y = this.checked(value);
    let eventDim = this.eventShape.length;
    let jacobian: Tensor | null = null;
    for (const transform of [...this.transforms].reverse()) {
      const x = transform.inv.forward(y);
      const { domain, codomain } = transform;
      eventDim += domain.eventDim - codomain.eventDim;
      const term = sumRightmost(transform.logAbsDetJacobian(x, y), eventDim - domain.eventDim);
      jacobian = jacobian === null ? term.neg() : jacobian.sub(term);
      y = x;
    }
    const base = sumRightmost(this.baseDist.logProb(y), eventDim - this.baseDist.eventShape.length);
    return jacobian === null ? base : jacobian.add(base);
  }

  /** Turns probabilities around where the transforms fall. */
  private monotonized(value: Tensor): Tensor {
    const sign = signOf(this.transforms);
    return sign === 1 ? value : value.sub(0.5).mul(sign).add(0.5);
  }

  override cdf(value: Tensor): Tensor {
    const x = this.transforms.reduceRight((result, transform) => transform.inv.forward(result), value);
    if (this.validateArgs) this.baseDist.validateSample(x);
    return this.monotonized(this.baseDist.cdf(x));
  }

  override icdf(value: Tensor): Tensor {
    return this.transform(this.baseDist.icdf(this.monotonized(value)));
  }
}

function listed(transforms: unknown): readonly Transform[] {
  if (transforms instanceof Transform) return [transforms];
  if (!Array.isArray(transforms))
    throw new ValueError(`transforms must be a Transform or list, but was ${formatValue(transforms)}`);
  if (!transforms.every((one) => one instanceof Transform))
    throw new ValueError('transforms must be a Transform or a list of Transforms');
  return transforms as readonly Transform[];
}

distributionClass(TransformedDistribution);
