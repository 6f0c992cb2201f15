/** `torch.autocast`: regions in which ops choose their precision. */
import { checkFunction, context, type ModeStack } from '../core/context.js';
import { Device } from '../core/device.js';
import { bfloat16, type DType, float16, float32, float64 } from '../core/dtype.js';
import { RuntimeError, ValueError } from '../core/errors.js';

import { keep } from '../core/scope.js';
import { signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { lasting } from '../dispatch/empty.js';
import { type Mode, type Next, setBaseMode, withModeInstead, withModes, without } from '../dispatch/mode.js';
import type { Op } from '../dispatch/op.js';
import { typeName } from '../dispatch/type_name.js';
import { policyOf } from './op_lists.js';

/** The region's casts of parameters: each is made once. */
type Casts = Map<Tensor, Tensor>;

/** Autocast on one type of device. Of several for a type only the innermost is in sight. */
class Autocast implements Mode {
  readonly remembers = false;

  constructor(
    readonly deviceType: string,
    public dtype: DType,
    public enabled: boolean,
    /** Null: casts are made anew for each call. */
    readonly casts: Casts | null,
    /** The modes that casts are made in. */
    private readonly below: ModeStack | null,
  ) {}

  call(op: Op, args: unknown[], next: Next): unknown {
    if (!this.enabled || op.isInPlace) return next(op, args);
    switch (policyOf(this.deviceType, op, args)) {
      case 'parts':
        return op.isComposite ? op.execute(args) : next(op, args);
      case 'whole':
        return next(op, args);
      case 'lower':
        return next(op, this.castAll(op, args, this.dtype));
      case 'float32':
        return next(op, this.castAll(op, args, float32));
      case 'promote':
        return next(op, this.castAll(op, args, this.widest(op, args)));
      case 'accumulate': {
        const position = op.schema.positions.get('dtype')!;
        const isOpen = this.isEligible(op.tensorsOf(args)[0]) && (args[position] ?? null) === null;
        return next(op, isOpen ? args.with(position, float32) : args);
      }
      case 'banned':
        throw new RuntimeError(
          'torch.nn.functional.binary_cross_entropy and torch.nn.BCELoss are unsafe to autocast.\nMany models use a sigmoid layer right before the binary cross entropy layer.\nIn this case, combine the two layers using torch.nn.functional.binary_cross_entropy_with_logits\nor torch.nn.BCEWithLogitsLoss.  binary_cross_entropy_with_logits and BCEWithLogits are\nsafe to autocast.',
        );
    }
  }

  /** Whether a tensor is cast at all. */
  private isEligible({ dtype, device }: Tensor): boolean {
    return dtype.isFloatingPoint && dtype !== float64 && device.type === this.deviceType;
  }

  /** The widest dtype among tensors that are cast: float32 or that of the region. */
  private widest(op: Op, args: readonly unknown[]): DType {
    let widest = this.dtype;
    for (const tensor of op.tensorsOf(args))
      if (this.isEligible(tensor)) {
        if (tensor.dtype === float32) widest = float32;
        else if (tensor.dtype !== this.dtype)
          throw new RuntimeError('Unexpected floating ScalarType in at::autocast::prioritize');
      }
    return widest;
  }

  private castAll(op: Op, args: readonly unknown[], dtype: DType): unknown[] {
    const cast = (arg: unknown): unknown => {
      if (Array.isArray(arg)) return arg.map(cast);
      return arg instanceof Tensor && arg.dtype !== dtype && this.isEligible(arg)
        ? withModes(this.below, () => this.cast(arg, dtype))
        : arg;
    };
    const result = [...args];
    for (const i of op.tensorInputs) result[i] = cast(args[i]);
    return result;
  }

  private cast(tensor: Tensor, dtype: DType): Tensor {
    const { casts } = this;
    // Others change from call to call; those that are made without a history must not serve where one is wanted.
    const isLasting =
      casts !== null &&
      dtype === this.dtype &&
      tensor.dtype === float32 &&
      tensor.requiresGrad &&
      tensor.isLeaf &&
      tensor.base === null &&
      context().grad;
    if (!isLasting) return tensor.to(dtype);
    const found = casts.get(tensor);
    if (found?.dtype === dtype) return found;
    const made = lasting(() => tensor.to(dtype));
    casts.set(tensor, made);
    keep(casts);
    return made;
  }
}

/** Whether a mode is autocast on this type of device. */
const isOn =
  (deviceType: string) =>
  (mode: Mode): boolean =>
    mode instanceof Autocast && mode.deviceType === deviceType;

/** The autocast in sight on this type of device, or on any. */
function current(deviceType?: string): Autocast | null {
  for (let stack = context().modes; stack !== null; stack = stack.below)
    if (stack.mode instanceof Autocast && (deviceType ?? stack.mode.deviceType) === stack.mode.deviceType)
      return stack.mode;
  return null;
}

/** Runs `fn` with autocast on a type of device, on or off; async functions until they settle. */
function within<R>(
  deviceType: string,
  dtype: DType,
  { enabled, caches }: { enabled: boolean; caches: boolean },
  fn: () => R,
): R {
  const casts = caches ? (current()?.casts ?? new Map<Tensor, Tensor>()) : null;
  const below = without(context().modes, isOn(deviceType));
  return withModeInstead(new Autocast(deviceType, dtype, enabled, casts, below), isOn(deviceType), fn);
}

/** Devices on which PyTorch has autocast, and ours. */
const deviceTypes = new Set('cpu cuda mps xpu hpu ipu maia xla mtia privateuseone webgpu'.split(' '));
const supported: readonly DType[] = [bfloat16, float16];

/** The dtype of a region that names none, where that has been changed. */
const dtypes = new Map<string, DType>();
/** Autocast that is on outside of regions. */
const always = new Map<string, Autocast>();

/** @throws RuntimeError in PyTorch's words for a type of device that there is not, or on which there is no autocast */
function checkedType(deviceType: string, refusal: string): string {
  const { type } = new Device(deviceType);
  if (!deviceTypes.has(type)) throw new RuntimeError(refusal);
  return type;
}

const unknownType = 'unknown device type for autocast in get_autocast_dispatch_key_from_device_type';

/** Whether there is autocast on this type of device. @throws RuntimeError for a type that there is not */
export const isAutocastAvailable = signed('is_autocast_available(str device_type)', ({ deviceType }) =>
  deviceTypes.has(new Device(deviceType).type),
);

/** Whether ops on this type of device choose their precision now. */
export const isAutocastEnabled = signed(
  "is_autocast_enabled(str device_type='cuda')",
  ({ deviceType }) => current(checkedType(deviceType, unknownType))?.enabled ?? false,
);

/** The dtype that autocast casts to on this type of device: bfloat16 on the CPU, float16 elsewhere, unless a region says otherwise. */
export const getAutocastDtype = signed('get_autocast_dtype(str device_type)', ({ deviceType }): DType => {
  const type = checkedType(deviceType, 'unsupported scalarType');
  return current(type)?.dtype ?? dtypes.get(type) ?? (type === 'cpu' ? bfloat16 : float16);
});

/** Sets the dtype that autocast casts to: in a region until that ends, outside for good. */
export const setAutocastDtype = signed(
  'set_autocast_dtype(str device_type, ScalarType dtype)',
  ({ deviceType, dtype }) => {
    const type = checkedType(deviceType, unknownType);
    const region = current(type);
    if (region !== null) region.dtype = dtype;
    if (region === null || region === always.get(type)) dtypes.set(type, dtype);
  },
);

/** Turns autocast on or off: in a region until that ends, outside for good. */
export const setAutocastEnabled = signed(
  'set_autocast_enabled(str device_type, bool enabled)',
  ({ deviceType, enabled }) => {
    const type = checkedType(deviceType, unknownType);
    const region = current(type);
    if (region !== null && region !== always.get(type)) {
      region.enabled = enabled;
      return;
    }
    always.delete(type);
    const mode = enabled ? new Autocast(type, getAutocastDtype(type), true, null, null) : null;
    if (mode !== null) always.set(type, mode);
    setBaseMode(mode, isOn(type));
  },
);

/** Settings of a region. */
export interface AutocastOptions {
  /** The dtype to cast to: bfloat16 or float16; default: `torch.getAutocastDtype(deviceType)`. */
  dtype?: DType | null;
  /** False: ops run as if there were no autocast around. */
  enabled?: boolean;
  /** Whether casts of parameters are kept until the outermost region ends. Default true. */
  cacheEnabled?: boolean | null;
}

const autocastSignature = signature(
  'autocast(Any device_type, ScalarType? dtype=None, bool enabled=True, bool? cache_enabled=None, Any fn=None)',
);

/**
 * Runs `fn` with mixed precision: matrix products and convolutions in `dtype`, what needs the range or the digits in float32, anything else
 * in what it is given. PyTorch's lists say which is which. Parameters stay float32 and so do their gradients; call
 * `backward()` outside. If `fn` is async, the region lasts until its promise settles.
 *
 * @param deviceType the type of device whose tensors it is for: `'cpu'`, `'webgpu'`
 * @throws RuntimeError for a type of device on which there is no autocast
 *
 * @example
 * const loss = torch.autocast('cpu', { dtype: torch.bfloat16 }, () => criterion.forward(net.forward(x), y));
 * loss.backward();
 */
export function autocast<R>(
  ...args:
    | [deviceType: string, fn: () => R]
    | [deviceType: string, options: AutocastOptions, fn: () => R]
    | [deviceType: string, dtype: DType | null, fn: () => R]
    | [deviceType: string, dtype: DType | null, enabled: boolean, fn: () => R]
    | [deviceType: string, dtype: DType | null, enabled: boolean, cacheEnabled: boolean | null, fn: () => R]
    | [deviceType: string, options: AutocastOptions & { fn: () => R }]
    | [options: AutocastOptions & { deviceType: string; fn: () => R }]
): R {
  const last = args.at(-1);
  const [given, own] = typeof last === 'function' ? [args.slice(0, -1), last] : [args, null];
  const bound = autocastSignature.bind(given);
  const fn = own ?? bound.fn;
  checkFunction(fn, 'autocast');
  const { deviceType, cacheEnabled } = bound;
  if (typeof deviceType !== 'string')
    throw new ValueError(
      `Expected \`device_type\` of type \`str\`, got: \`<class '${typeName(deviceType)}'>\``,
    );
  const dtype = bound.dtype ?? getAutocastDtype(deviceType);
  const type = checkedType(deviceType, `User specified an unsupported autocast device_type '${deviceType}'`);
  return within(
    type,
    dtype,
    { enabled: bound.enabled && isUsable(type, dtype), caches: cacheEnabled ?? true },
    fn as () => R,
  );
}

/** Whether there can be autocast to this dtype; a warning says why not. */
function isUsable(type: string, dtype: DType): boolean {
  if (type === 'cuda') {
    warn('CUDA is not available or torch_xla is imported. Disabling autocast.');
    return false;
  }
  if (supported.includes(dtype)) return true;
  const name = type.toUpperCase();
  warn(
    `In ${name} autocast, but the target dtype is not supported. Disabling autocast.\n${name} Autocast only supports dtypes of ${supported.join(', ')} currently.`,
  );
  return false;
}
