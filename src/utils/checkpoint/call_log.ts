/** The calls of a checkpoint's two runs, for `debug: true`. */
import { Tensor } from '../../core/tensor.js';
import { type Mode, type Next, withMode } from '../../dispatch/mode.js';
import type { Op } from '../../dispatch/op.js';
import type { Again } from './surroundings.js';

class Recording implements Mode {
  readonly remembers = false;
  readonly lines: string[] = [];

  call(op: Op, args: unknown[], next: Next): unknown {
    if (op.isComposite) return op.execute(args);
    const result = next(op, args);
    const name = op.schema.name.replace(/^\w+\.(?=\w+\.)/, '');
    this.lines.push(`${text(result)} = torch.ops.aten.${name}(${args.map(text).join(', ')})`);
    return result;
  }
}

/** A value of a call: tensors by dtype and sizes. */
function text(value: unknown): string {
  if (value instanceof Tensor)
    return `${String(value.dtype).slice('torch.'.length)}[${value.shape.join(', ')}]`;
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  return String(value);
}

/** Notes the calls of both runs. */
export class CallLog {
  readonly #original = new Recording();
  #again = new Recording();

  readonly forward: Again = (fn) => withMode(this.#original, fn);

  readonly recompute: Again = (fn) => {
    this.#again = new Recording();
    return withMode(this.#again, fn);
  };

  /** The text of an error that says where the runs differ. */
  toString(): string {
    return `An error happened while unpacking tensors; dumping logs of latest computation
because you passed \`debug: true\` to \`torch.utils.checkpoint.checkpoint()\`.

Operations executed during the original forward:

${this.#original.lines.join('\n')}

Operations executed during recomputation:

${this.#again.lines.join('\n')}

 ERROR: Detected non-determinism while running activation checkpointing

 You are seeing this error because you passed \`debug: true\` to checkpoint and
 tensors to be saved during the original forward and differ between those saved
 during recomputation. This can happen if different operators were ran in the
 original forward and in the recomputation.`;
  }
}
