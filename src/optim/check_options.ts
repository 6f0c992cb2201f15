/** Checks of what optimizers' constructors are given. */
import { snakeCase } from '../core/camel_case.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import { formatFloat, formatValue } from '../core/repr.js';
import { floats } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import type { Params } from './optimizer.js';

/** Names that error texts have for options, where those differ from the options' own. */
const titles: Readonly<Record<string, string>> = { lr: 'learning rate', eps: 'epsilon value' };

/** Whether an option has a value that it must not have, beside what is negative. */
const tooLarge: Readonly<Record<string, (value: number) => boolean>> = {
  betas: (beta) => beta >= 1,
  rho: (rho) => rho > 1,
};

/** Checks that an option, or each of its parts, is not negative nor too large. What is on its way from a device is not looked at. */
function checkOption(options: object, name: string): void {
  const given: unknown = Reflect.get(options, name);
  const isFloat = name === 'betas' || (Reflect.get(options, floats) as ReadonlySet<string>).has(name);
  for (const [i, part] of (Array.isArray(given) ? given : [given]).entries()) {
    if (part instanceof Tensor && !(part.numel() === 1 && part.isReadable)) continue;
    const value = part instanceof Tensor ? part.item() : (part as number);
    if (value >= 0 && !tooLarge[name]?.(value)) continue;
    const title =
      name === 'betas' ? `beta parameter at index ${i}` : (titles[name] ?? `${snakeCase(name)} value`);
    const text = isFloat || part instanceof Tensor ? formatFloat(value) : formatValue(value);
    throw new ValueError(`Invalid ${title}: ${text}`);
  }
}

function checkOneElement(lr: number | Tensor): void {
  if (lr instanceof Tensor && lr.numel() !== 1) throw new ValueError('Tensor lr must be 1-element');
}

/** A learning rate as a number to be checked: 0 for one that is on its way from a device. @throws ValueError unless it is one number */
export function rateOf(lr: number | Tensor): number {
  checkOneElement(lr);
  if (!(lr instanceof Tensor)) return lr;
  return lr.isReadable ? lr.item() : 0;
}

interface Given {
  readonly params: Params<{ lr: number }>;
  readonly lr: number | Tensor;
  readonly foreach: boolean | null;
  readonly capturable?: boolean;
  readonly fused?: boolean | null;
}

/** A constructor's parameters and options. */
export interface Checked<Options> {
  readonly params: Params<{ lr: number }>;
  readonly options: Options;
}

/**
 * A constructor's arguments as parameters and options, the learning rate and the `named` options checked in this order. The
 * rate may be a tensor of one element, as PyTorch's may, although options are typed as what they nearly always are.
 */
export function checked<T extends Given>(
  given: T,
  ...named: Exclude<keyof T & string, 'params' | 'lr'>[]
): Checked<{ -readonly [K in keyof Omit<T, 'params' | 'lr'>]: T[K] } & { lr: number }> {
  const { params, ...options } = given;
  const { lr } = given;
  if (lr instanceof Tensor && given.foreach && !(given.capturable ?? true))
    throw new ValueError('lr as a Tensor is not supported for capturable=False and foreach=True');
  if (given.foreach && given.fused)
    throw new RuntimeError('`fused` and `foreach` cannot be `true` together.');
  checkOneElement(lr);
  for (const name of ['lr', ...named]) checkOption(options, name);
  return { params, options: options as never };
}

/** Options in the order that PyTorch's groups have, and so its files: these first, then the others as the signature has them. */
export function inOrder<Options extends object>(
  { params, options }: Checked<Options>,
  ...names: (keyof Options & string)[]
): Checked<Options> {
  const first = Object.fromEntries(names.map((name) => [name, options[name]]));
  return { params, options: { ...first, ...options } };
}

/** Checks betas that may be tensors: both or none. */
export function checkTensorBetas({ betas, foreach, capturable }: TensorBetas): void {
  const isTensor = betas.map((beta) => (beta as unknown) instanceof Tensor);
  if (isTensor[0] !== isTensor[1]) throw new ValueError('betas must be either both floats or both Tensors');
  if (!isTensor[0]) return;
  for (const [i, beta] of (betas as unknown as readonly Tensor[]).entries()) {
    if (foreach && !capturable)
      throw new ValueError(`betas[${i}] as a Tensor is not supported for capturable=False and foreach=True`);
    if (beta.numel() !== 1) throw new ValueError(`Tensor betas[${i}] must be 1-element`);
  }
}

interface TensorBetas {
  readonly betas: readonly unknown[];
  readonly foreach: boolean | null;
  readonly capturable: boolean;
}
