/** What the graph keeps of gathered parameters: only which they are, so that they are gathered again when the backward pass needs them. */
import { type Node, setHistory } from '../../autograd/node.js';
import type { Storage } from '../../backends/backend.js';
import { context, withContext } from '../../core/context.js';
import { gradNode, type Tensor } from '../../core/tensor.js';
import { type Kept, SavedTensor } from '../../dispatch/saved_tensor.js';
import { gatheredFrom, type ParamGroup } from './param_group.js';

/** A gathered parameter, or a view of one. */
class GatheredAgain implements Kept {
  readonly isPacked = true;
  readonly held = null;
  private readonly node: Node | null;
  private readonly output: number;
  private readonly shape: readonly number[];
  private readonly strides: readonly number[];
  private readonly offset: number;

  constructor(
    tensor: Tensor,
    private readonly group: ParamGroup,
    private readonly index: number,
  ) {
    this.node = gradNode(tensor);
    this.output = tensor.autograd?.output ?? 0;
    this.shape = [...tensor.shape];
    this.strides = tensor.strides;
    this.offset = tensor.offset;
  }

  release(_dead: Storage[]): void {}

  unpack(): Tensor {
    const view = this.group.again(this.index).detach().asStrided(this.shape, this.strides, this.offset);
    if (this.node !== null) setHistory(view, this.node, this.output);
    return view;
  }
}

/** Runs `fn` with a graph that does not hold gathered parameters. */
export function withoutGathered<R>(fn: () => R): R {
  const outer = context().saving;
  const keep = (tensor: Tensor): Kept => {
    const found = gatheredFrom.get(tensor.storage);
    if (found !== undefined) return new GatheredAgain(tensor, found.group, found.index);
    return outer === null ? new SavedTensor(tensor, -1) : outer.keep(tensor);
  };
  return withContext({ saving: { refusal: outer?.refusal ?? null, keep } }, fn);
}
