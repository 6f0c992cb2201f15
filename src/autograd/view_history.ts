/**
 * In-place changes of tensors that are views: the change becomes part of the base's history (`CopySlices`), and every view
 * of the base gets a node that reads it from there when it is next asked for.
 */
import type { Storage } from '../backends/backend.js';
import type { DType } from '../core/dtype.js';
import { keep, type Reach, reach } from '../core/scope.js';
import { gradNode, onStaleView, type Tensor } from '../core/tensor.js';
import { type Edge, type Gradient, gradientEdge, metaOf, Node, setHistory, setOrigin } from './node.js';

interface Geometry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

function geometry({ dtype, shape, strides, offset }: Tensor): Geometry {
  return { dtype, shape, strides, offset };
}

/** Makes `node` (whose first edge leads to the value before) the origin of a tensor that was changed in place. */
export function rebaseHistory(self: Tensor, node: Node): void {
  const { base } = self;
  keep(self, self.storage);
  if (base === null) {
    setHistory(self, node, 0);
    return;
  }
  const slices = new CopySlices(gradientEdge(base), geometry(base), geometry(self), node);
  slices.results = [metaOf(base)];
  setHistory(base, slices, 0);
  keep(base, base.storage);
  refresh(self);
}

/** Gives a view the node that its base's history implies. */
function refresh(view: Tensor): void {
  const base = view.base!;
  view.viewVersion = view.storage.version;
  const origin = gradNode(base);
  if (origin === null) return;
  // Only what happened to the base since the view was made counts; a base without history leaves the view as it is.
  const node = new AsStridedView(
    { node: origin, output: base.autograd!.output },
    geometry(base),
    geometry(view),
  );
  node.results = [metaOf(view)];
  setOrigin(view, node, 0);
}

onStaleView(refresh);

/** A gradient laid out as the base is, so that the view's geometry applies to it. */
function likeBase(grad: Tensor, base: Geometry): Tensor {
  return grad.newEmptyStrided(base.shape, base.strides).copy_(grad);
}

/** The part of a gradient that belongs to a view; of complex numbers it may be seen as their parts, and the other way round. */
function slice(grad: Tensor, base: Geometry, view: Geometry): Tensor {
  if (base.dtype.isComplex && !view.dtype.isComplex)
    return grad._viewAsReal().asStrided(view.shape, view.strides, view.offset - 2 * base.offset);
  if (view.dtype.isComplex && !base.dtype.isComplex) {
    const strides = view.strides.map((s) => 2 * s);
    return grad
      .asStrided([...view.shape, 2], [...strides, 1], 2 * view.offset - base.offset)
      ._viewAsComplex();
  }
  return grad.asStrided(view.shape, view.strides, view.offset - base.offset);
}

/** The base's gradient, with the changed part passed through the op that changed it. */
class CopySlices extends Node {
  constructor(
    base: Edge | null,
    private readonly baseGeometry: Geometry,
    private readonly view: Geometry,
    private readonly change: Node,
  ) {
    super();
    this.edges = [base, ...change.edges.slice(1)];
  }

  override name(): string {
    return 'CopySlices';
  }

  override apply([grad]: readonly Gradient[]): readonly Gradient[] {
    if (grad === null) return this.edges.map(() => null);
    const whole = likeBase(grad, this.baseGeometry);
    const part = slice(whole, this.baseGeometry, this.view);
    const [self, ...others] = this.change.apply([part.clone()]);
    const result = whole.clone();
    const target = slice(result, this.baseGeometry, this.view);
    if (self === null) target.zero_();
    else target.copy_(self);
    return [this.edges[0] === null ? null : result, ...others];
  }

  override release(dead: Storage[]): void {
    this.change.release(dead);
  }

  override [reach](into: Reach): void {
    super[reach](into);
    into.value(this.change);
  }
}

/** A view read from its base by geometry alone. */
class AsStridedView extends Node {
  constructor(
    base: Edge,
    private readonly baseGeometry: Geometry,
    private readonly view: Geometry,
  ) {
    super();
    this.edges = [base];
  }

  override name(): string {
    return 'AsStridedBackward0';
  }

  override apply([grad]: readonly Gradient[]): readonly Gradient[] {
    if (grad === null) return [null];
    const { shape, strides, dtype } = this.baseGeometry;
    const whole = grad.newEmptyStrided(shape, strides, { dtype }).zero_();
    slice(whole, this.baseGeometry, this.view).copy_(grad);
    return [whole];
  }
}
