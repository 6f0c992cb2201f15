import { RuntimeError } from '../../core/errors.js';
import { contiguousStrides, isNonOverlappingAndDense } from '../../core/layout.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';

const ofSetBuffer = signature('set_buffer(Tensor buffer)');

/** The gradients of some parameters one after the other in one tensor: what a communication hook reduces at once. */
export class GradBucket {
  readonly #index: number;
  readonly #isLast: boolean;
  readonly #parameters: readonly Tensor[];
  #buffer: Tensor;
  #views: readonly Tensor[];

  /** @internal */
  constructor(index: number, isLast: boolean, parameters: readonly Tensor[]) {
    this.#index = index;
    this.#isLast = isLast;
    this.#parameters = parameters;
    const [{ dtype, device }] = parameters;
    const length = parameters.reduce((sum, parameter) => sum + parameter.numel(), 0);
    this.#buffer = ops.zeros([length], { dtype, device });
    this.#views = this.#cut();
  }

  #cut(): readonly Tensor[] {
    let offset = 0;
    return this.#parameters.map((parameter) => {
      const { shape, strides } = parameter;
      const kept = isNonOverlappingAndDense(shape, strides) ? strides : contiguousStrides(shape);
      const view = this.#buffer.asStrided(shape, kept, offset);
      offset += parameter.numel();
      return view;
    });
  }

  /** Which of the buckets it is; the first is reduced first. */
  index(): number {
    return this.#index;
  }

  /** All gradients, in one dimension. */
  buffer(): Tensor {
    return this.#buffer;
  }

  /** The gradients, each a part of `buffer()`. */
  gradients(): Tensor[] {
    return [...this.#views];
  }

  /** The parameters that they are gradients of. */
  parameters(): Tensor[] {
    return [...this.#parameters];
  }

  /** Whether it is the last one that is reduced in a backward pass. */
  isLast(): boolean {
    return this.#isLast;
  }

  /** Puts another tensor in the place of `buffer()`. */
  setBuffer(...args: Arguments<typeof ofSetBuffer>): void {
    const { buffer } = ofSetBuffer.bind(args);
    if (buffer.numel() !== this.#buffer.numel())
      throw new RuntimeError(
        `a bucket of ${this.#buffer.numel()} elements cannot have a buffer of ${buffer.numel()}`,
      );
    this.#buffer = buffer;
    this.#views = this.#cut();
  }
}

takesNothing(GradBucket.prototype, ['index', 'buffer', 'gradients', 'parameters', 'isLast']);
