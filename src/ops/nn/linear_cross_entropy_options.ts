/** How `linear_cross_entropy` goes through its rows. */
import { bfloat16, type DType, float16, float32, float64 } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { formatValue } from '../../core/repr.js';
import { accepting, defineParameterType } from '../../core/signature/parameter_types.js';
import { type Arguments, signature } from '../../core/signature/signature.js';

declare module '../../core/signature/argument_types.js' {
  interface ParameterTypes {
    LinearCrossEntropyOptions: LinearCrossEntropyOptions;
  }
}

const settings = signature(
  "LinearCrossEntropyOptions(bool allow_retain_graph=False, float? batch_chunk_size=None, str? chunking_method='auto', str acc_policy='auto', ScalarType? acc_dtype=None)",
);

const policies = ['auto', 'accurate', 'balanced', 'compact'];
const accumulators: readonly DType[] = [float16, bfloat16, float32, float64];

/**
 * Lets `linearCrossEntropy` go through its rows in pieces, so that the logits of all rows are never in memory together. Worth it where there
 * are many more classes than features, and at least as many rows as features.
 */
export class LinearCrossEntropyOptions {
  declare readonly allowRetainGraph: boolean;
  declare readonly batchChunkSize: number | null;
  declare readonly chunkingMethod: string | null;
  declare readonly accPolicy: string;
  declare readonly accDtype: DType | null;

  /**
   * @param allowRetainGraph whether `backward` may be called again on a mean or a sum; gradients that were used are dropped otherwise
   * @param batchChunkSize how many rows a piece has; null: all, or what `chunkingMethod` says
   * @param chunkingMethod 'aspect_ratio': as many that a piece's logits take as much memory as all of the input; 'aspect_ratio:N': N times
   *   less; 'auto': as measured for the dtype; null: none
   * @param accPolicy 'accurate', 'balanced' or 'compact' in PyTorch, 'auto' to choose; here all compute in `accDtype`
   * @param accDtype the dtype that is computed in; null: float32 for half precisions, else that of the input
   */
  constructor(...args: Arguments<typeof settings>) {
    const given = settings.bind(args);
    const { batchChunkSize: rows, chunkingMethod: method, accPolicy, accDtype } = given;
    if (!policies.includes(accPolicy)) throw new ValueError(`invalid acc_policy: '${accPolicy}'`);
    if (method !== null && method !== 'auto' && !/^aspect_ratio(:0*[1-9]\d*)?$/.test(method))
      throw new ValueError(`invalid chunking_method: '${method}'`);
    if (rows !== null && !(Number.isInteger(rows) && rows > 0))
      throw new ValueError(`batch_chunk_size must be positive int or None, got ${formatValue(rows)}`);
    if (accDtype !== null && !accumulators.includes(accDtype))
      throw new ValueError(
        `acc_dtype must be one of {None, torch.float16, torch.bfloat16, torch.float32, torch.float64}, got ${accDtype}. Pass acc_dtype=None to let the op pick automatically.`,
      );
    this.allowRetainGraph = given.allowRetainGraph;
    this.batchChunkSize = rows;
    this.chunkingMethod = method;
    this.accPolicy = accPolicy;
    this.accDtype = accDtype;
    Object.freeze(this);
  }

  toString(): string {
    const { allowRetainGraph, batchChunkSize, chunkingMethod, accPolicy, accDtype } = this;
    return `LinearCrossEntropyOptions(allow_retain_graph=${formatValue(allowRetainGraph)}, batch_chunk_size=${formatValue(batchChunkSize)}, chunking_method=${formatValue(chunkingMethod)}, acc_policy='${accPolicy}', acc_dtype=${formatValue(accDtype)})`;
  }

  /** @internal How many rows a piece has. @throws ValueError where both settings say it, and differ */
  chunkSize(rows: number, features: number, classes: number, dtype: DType): number {
    const { batchChunkSize: given } = this;
    let method = this.chunkingMethod;
    if (method === 'auto')
      method = given !== null ? null : `aspect_ratio${dtype === float16 || dtype === bfloat16 ? '' : ':2'}`;
    if (method === null) return Math.max(1, given === null ? rows : Math.min(given, rows));
    const pieces = Math.ceil(classes / features);
    const target = Math.ceil(rows / pieces);
    const power = 2 ** Math.ceil(Math.log2(Math.max(target, 1)));
    const size = Math.min(Math.floor(power / Number(method.split(':')[1] ?? 1)), rows);
    if (given !== null && given !== size)
      throw new ValueError(
        `batch_chunk_size (=${given}) and chunking_method ('${method}') give different chunk sizes (${given} vs ${size}); pass only one.`,
      );
    return Math.max(1, size);
  }
}

libraryClass(LinearCrossEntropyOptions);
defineParameterType(
  'LinearCrossEntropyOptions',
  accepting((value) => value instanceof LinearCrossEntropyOptions),
);
