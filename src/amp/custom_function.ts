/** `customFwd` and `customBwd`: how a custom function of autograd behaves in regions of autocast. */
import type { FunctionContext } from '../autograd/function_context.js';
import type { DType } from '../core/dtype.js';
import { float64 } from '../core/dtype.js';
import { isPlainObject } from '../core/plain.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { autocast, getAutocastDtype, isAutocastEnabled } from './autocast.js';

type Body<A extends readonly unknown[], R> = (context: FunctionContext, ...args: A) => R;

const fwdSignature = signature('custom_fwd(Callable fwd, *, str device_type, ScalarType? cast_inputs=None)');
const bwdSignature = signature('custom_bwd(Callable bwd, *, str device_type)');

/** How `forward` ran, for `backward`. */
const ran = new WeakMap<FunctionContext, { enabled: boolean; dtype: DType }>();

function cast(value: unknown, deviceType: string, dtype: DType): unknown {
  if (value instanceof Tensor) {
    const fits = value.dtype.isFloatingPoint && value.dtype !== float64 && value.device.type === deviceType;
    return fits ? value.to(dtype) : value;
  }
  if (Array.isArray(value)) return value.map((item) => cast(item, deviceType, dtype));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cast(item, deviceType, dtype)]));
}

/**
 * The `forward` of a custom function, for regions of autocast.
 *
 * @param options `castInputs`: floating-point arguments are cast to it, and `forward` runs without autocast; default: it runs as the region says
 *
 * @example
 * class Product extends torch.autograd.Function {
 *   static override forward = torch.amp.customFwd((context, a: torch.Tensor) => …, { deviceType: 'cpu', castInputs: torch.float32 });
 *   static override backward = torch.amp.customBwd((context, grad: torch.Tensor) => …, { deviceType: 'cpu' });
 * }
 */
export function customFwd<A extends readonly unknown[], R>(
  ...given:
    | [fwd: Body<A, R>, options: { deviceType: string; castInputs?: DType | null }]
    | [options: { fwd: Body<A, R>; deviceType: string; castInputs?: DType | null }]
): Body<A, R> {
  const { fwd, deviceType, castInputs } = fwdSignature.bind(given);
  const body = fwd as Body<readonly unknown[], R>;
  return (context, ...args) => {
    const enabled = isAutocastEnabled(deviceType);
    ran.set(context, { enabled: enabled && castInputs === null, dtype: getAutocastDtype(deviceType) });
    if (!enabled || castInputs === null) return body(context, ...args);
    return autocast(deviceType, { enabled: false }, () =>
      body(context, ...(cast(args, deviceType, castInputs) as unknown[])),
    );
  };
}

/** The `backward` of a custom function, which runs with autocast as `forward` did. */
export function customBwd<A extends readonly unknown[], R>(
  ...given:
    | [bwd: Body<A, R>, options: { deviceType: string }]
    | [options: { bwd: Body<A, R>; deviceType: string }]
): Body<A, R> {
  const { bwd, deviceType } = bwdSignature.bind(given);
  return (context, ...args) =>
    autocast(deviceType, ran.get(context) ?? {}, () => (bwd as Body<A, R>)(context, ...args));
}
