/** Functions of `torch` about numbers, dtypes, devices and defaults, with their arguments checked. What is within calls the bodies. */
import { checkFunction } from './context.js';
import * as defaults from './defaults.js';
import { Device, toDevice } from './device.js';
import { DType } from './dtype.js';
import { Size } from './layout.js';
import * as promotion from './promotion.js';
import * as numbers from './pyfloat.js';
import { runScope } from './scope.js';
import { signature } from './signature/signature.js';
import { signed } from './signature/signed.js';
import { takesNothing } from './signature/takes.js';
import * as info from './type_info.js';

/** The dtype of new floating-point tensors: float32 unless changed. */
export const getDefaultDtype = signed('get_default_dtype()', defaults.getDefaultDtype);

/**
 * Sets the dtype of new floating-point tensors.
 * @throws TypeError if it is not a floating-point dtype
 */
export const setDefaultDtype = signed('set_default_dtype(ScalarType d)', ({ d }) =>
  defaults.setDefaultDtype(d),
);

/** The device of new tensors: the CPU unless changed. */
export const getDefaultDevice = signed('get_default_device()', defaults.getDefaultDevice);

/** Sets the device of new tensors. */
export const setDefaultDevice = signed('set_default_device(Device device)', ({ device }) =>
  defaults.setDefaultDevice(device),
);

/** `torch.device('cpu')`, `torch.device('webgpu', 0)`. */
export const device = signed('device(Device type, int? index=None)', ({ type, index }) =>
  index === null ? toDevice(type) : new Device(String(type), index),
);

/** The smallest dtype that holds both. */
export const promoteTypes = signed(
  'promote_types(ScalarType type1, ScalarType type2)',
  ({ type1, type2 }): DType => promotion.promoteTypes(type1, type2),
);

/** Whether a value of `from_` may be stored in `to` by an in-place op or `out`: categories may not fall. */
export const canCast = signed('can_cast(ScalarType from_, ScalarType to)', ({ from_, to }) =>
  promotion.canCast(from_, to),
);

/** Limits of a floating-point dtype, by default the default one. @throws TypeError for any other */
export const finfo = signed('finfo(ScalarType? type=None)', ({ type }) =>
  info.finfo(type ?? defaults.getDefaultDtype()),
);

/** Limits of an integer dtype. @throws TypeError for any other */
export const iinfo = signed('iinfo(ScalarType type)', ({ type }) => info.iinfo(type));

/** Marks a number as Python's float: `x.mul(torch.pyfloat(2))` makes an int tensor float32, as `x * 2.0` does. */
export const pyfloat = signed('pyfloat(float value)', ({ value }) => numbers.pyfloat(value));

const scopeSignature = signature('scope(Any fn=None)');

/**
 * Runs `fn` and then ends the memory of every tensor that was made inside, so that it can be used again at once. What stays:
 * what `fn` returns (also inside arrays, objects, Maps, Sets and modules), what autograd needs for something that stays, and
 * what was put into a parameter, a buffer, a `grad` or an optimizer's state. Using a tensor that has ended is an error. If
 * `fn` is async, the scope lasts until its promise settles and follows it across awaits; if it throws, the scope ends, too.
 *
 * No program needs scopes; they save memory where the garbage collector is late, and time where results are large.
 * Put one around a step of training, not around all of it.
 *
 * @example
 * for await (const [images, labels] of loader)
 *   torch.scope(() => {
 *     optimizer.zeroGrad();
 *     criterion.forward(net.forward(images), labels).backward();
 *     optimizer.step();
 *   });
 */
export function scope<R>(...args: [fn: () => R] | [options: { fn: () => R }]): R {
  const { fn } =
    args.length === 1 && typeof args[0] === 'function' ? { fn: args[0] } : scopeSignature.bind(args);
  checkFunction(fn, 'scope');
  return runScope(fn as () => R);
}

takesNothing(Size.prototype, ['numel']);
takesNothing(DType.prototype, ['toReal', 'toComplex']);
