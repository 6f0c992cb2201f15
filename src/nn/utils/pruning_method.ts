import { AssertionError, TypeError, ValueError } from '../../core/errors.js';
import { inspect } from '../../core/inspect.js';
import { Size } from '../../core/layout.js';
import { takes } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import type { Module } from '../module.js';
import type { AnyHook } from '../module_hooks.js';
import type { Parameter } from '../parameter.js';

/** How a method that follows others on the same tensor sees it: elements that are left, whole channels that are left, or all. */
export type PruningType = 'unstructured' | 'structured' | 'global';

/** Methods by the hooks that apply them. */
const methods = new WeakMap<AnyHook, BasePruningMethod>();

/** The method that a hook applies, to this tensor if one is named. */
export function methodOf(hook: AnyHook, name?: string): BasePruningMethod | null {
  const method = methods.get(hook) ?? null;
  return method !== null && (name === undefined || method.tensorName === name) ? method : null;
}

/** How a class of methods is constructed. */
export type PruningMethodClass<A extends readonly unknown[] = never[]> = new (
  ...args: A
) => BasePruningMethod;

/**
 * The base of methods that prune a tensor of a module: by a mask, in `name_mask`, with which what the tensor was, in `name_orig`, is
 * multiplied before every call. A subclass says which elements stay.
 *
 * @example
 * class EverySecond extends nn.utils.prune.BasePruningMethod {
 *   override computeMask(t: torch.Tensor, defaultMask: torch.Tensor) {
 *     const mask = defaultMask.clone();
 *     mask.view([-1]).index(torch.slice(null, null, 2)).fill_(0);
 *     return mask;
 *   }
 * }
 * EverySecond.apply(module, 'bias');
 */
export abstract class BasePruningMethod {
  /** The name of the tensor that it prunes. */
  tensorName = '';

  /** How a method that follows others sees the tensor. */
  get pruningType(): PruningType {
    return 'unstructured';
  }

  /**
   * Says which elements stay.
   *
   * @param t how important the elements are: the tensor itself unless that was said
   * @param defaultMask the mask so far
   */
  abstract computeMask(t: Tensor, defaultMask: Tensor): Tensor;

  /** The pruned tensor. */
  applyMask(module: Module): Tensor {
    const mask = Reflect.get(module, `${this.tensorName}_mask`) as Tensor;
    const original = Reflect.get(module, `${this.tensorName}_orig`) as Tensor;
    return mask.to(original.dtype).mul(original);
  }

  /** A tensor times the mask that this method computes for it. */
  prune(t: Tensor, defaultMask: Tensor | null = null, importanceScores: Tensor | null = null): Tensor {
    if (importanceScores !== null) checkScores(importanceScores, t, 'tensor t');
    return t.mul(this.computeMask(importanceScores ?? t, defaultMask ?? t.onesLike()));
  }

  /** Makes pruning permanent: the tensor is a parameter again. The hook that applied the mask has to be removed, too. */
  remove(module: Module): void {
    const { tensorName: name } = this;
    const weight = this.applyMask(module).detach();
    const original = Reflect.get(module, `${name}_orig`) as Parameter;
    for (const held of [name, `${name}_orig`, `${name}_mask`]) Reflect.deleteProperty(module, held);
    original.data = weight;
    module.registerParameter(name, original);
  }

  /** Prunes a tensor of a module by a method of this class, constructed with these arguments. */
  static apply<A extends readonly unknown[]>(
    this: PruningMethodClass<A>,
    module: Module,
    name: string,
    ...args: A
  ): BasePruningMethod {
    return applyMethod(new this(...args), module, name, null);
  }

  /** @internal */
  [inspect](): string {
    return `<torch.nn.utils.prune.${this.constructor.name} object>`;
  }
}

takes(BasePruningMethod.prototype, [
  'apply_mask(Any module)',
  'prune(Tensor t, Tensor? default_mask=None, Tensor? importance_scores=None)',
  'remove(Any module)',
]);

/** Makes `computeMask` of a class bind its arguments. */
export const pruningClass = ({ prototype }: { readonly prototype: object }): void =>
  takes(prototype, ['compute_mask(Tensor t, Tensor default_mask)']);

function checkScores(scores: Tensor, { shape }: Tensor, whose: string): void {
  if (String(scores.shape) !== String(shape))
    throw new AssertionError(
      `importance_scores should have the same shape as ${whose}, got ${Size.create(scores.shape)} vs ${Size.create(shape)}`,
    );
}

/** Prunes a tensor by a method, after those that have pruned it before. */
export function applyMethod(
  own: BasePruningMethod,
  module: Module,
  name: string,
  importanceScores: Tensor | null,
): BasePruningMethod {
  const former = module.takeForwardPreHooks((hook) => methodOf(hook, name) !== null);
  own.tensorName = name;
  let method = own;
  if (former.length > 0) {
    const old = methodOf(former[0])!;
    method = old instanceof PruningContainer ? old : new PruningContainer(old);
    (method as PruningContainer).addPruningMethod(own);
  }
  const original = Reflect.get(module, name) as Tensor;
  if (importanceScores !== null) checkScores(importanceScores, original, `parameter ${name} of ${module}`);
  const isFirst = !(method instanceof PruningContainer);
  let mask: Tensor;
  if (isFirst) {
    mask = method.computeMask(importanceScores ?? original, original.detach().onesLike());
    Reflect.deleteProperty(module, name);
    module.registerParameter(`${name}_orig`, original as Parameter);
  } else {
    const present = (Reflect.get(module, `${name}_mask`) as Tensor).detach().clone();
    mask = method.computeMask(importanceScores ?? original, present);
  }
  module.registerBuffer(`${name}_mask`, mask.detach());
  Reflect.set(module, name, method.applyMask(module));
  const hook = (hooked: Module): void => {
    Reflect.set(hooked, name, method.applyMask(hooked));
  };
  methods.set(hook as AnyHook, method);
  module.registerForwardPreHook(hook);
  return method;
}

/** Several methods that prune the same tensor, one after the other. */
export class PruningContainer extends BasePruningMethod {
  readonly #methods: BasePruningMethod[] = [];

  /** @param methods methods that prune the same tensor */
  constructor(...methods: readonly BasePruningMethod[]) {
    super();
    if (methods.length > 0) this.tensorName = methods[0].tensorName;
    for (const method of methods) this.addPruningMethod(method);
  }

  /** Adds a method, which must prune the same tensor. */
  addPruningMethod(method: BasePruningMethod): void {
    if (!(method instanceof BasePruningMethod))
      throw new TypeError(`${String(method)} is not a BasePruningMethod subclass`);
    if (method.tensorName !== this.tensorName)
      throw new ValueError(
        `Can only add pruning methods acting on the parameter named '${this.tensorName}' to PruningContainer. Found '${method.tensorName}'`,
      );
    this.#methods.push(method);
  }

  /** How many methods there are. */
  get length(): number {
    return this.#methods.length;
  }

  /** The method at a position. */
  at(index: number): BasePruningMethod | undefined {
    return this.#methods.at(index);
  }

  [Symbol.iterator](): Iterator<BasePruningMethod> {
    return this.#methods[Symbol.iterator]();
  }

  /** The mask so far, and what the last method takes away of what is left. */
  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const method = this.#methods.at(-1)!;
    const { ndim } = t;
    const mask = defaultMask.to(t.dtype);
    if (method.pruningType === 'global') return method.computeMask(t, mask);
    if (method.pruningType === 'unstructured') {
      const places = mask.reshape([-1]).eq(1).nonzero().squeeze(-1);
      const part = (x: Tensor): Tensor => x.reshape([-1]).indexSelect(0, places);
      const found = method.computeMask(part(t), part(mask));
      return mask.reshape([-1]).indexCopy(0, places, found.to(mask.dtype)).reshape(mask.shape);
    }
    const { dim } = method as BasePruningMethod & { dim: number };
    const along = dim < 0 ? dim + ndim : dim;
    const others = t.shape.map((_, d) => d).filter((d) => d !== along);
    const channels = mask.sum(others).ne(0).nonzero().squeeze(-1);
    const part = (x: Tensor): Tensor => x.indexSelect(along, channels);
    return mask.indexCopy(along, channels, method.computeMask(part(t), part(mask)).to(mask.dtype));
  }
}

takes(PruningContainer.prototype, ['add_pruning_method(Any method)']);
pruningClass(PruningContainer);

/** Positions of a mask that are to be 0. */
export const without = (mask: Tensor, places: Tensor): Tensor =>
  mask.clone().view([-1]).indexFill(0, places, 0).view(mask.shape);

/** A mask that is 1 in some places along a dimension. */
export function channelMask(like: Tensor, dim: number, keep: Tensor): Tensor {
  const shape = like.shape.map((n, d) => (d === dim ? n : 1));
  return ops
    .zeros([like.shape[dim]], { dtype: like.dtype, device: like.device })
    .indexFill(0, keep, 1)
    .reshape(shape)
    .expand(like.shape)
    .clone();
}
