/** Layers that are given as what makes them: a class, or a function. */

import { isPlainObject } from '../../core/plain.js';
import { defineParameterType, MISMATCH } from '../../core/signature/parameter_types.js';
import { Module } from '../../nn/module.js';
import { GELU, ReLU, Sigmoid } from '../../nn/modules/activation.js';
import { BatchNorm2d, BatchNorm3d } from '../../nn/modules/normalization.js';

/** Makes a layer: a class of modules, or a function that returns a module. */
export type LayerFactory = (new (...args: never) => Module) | ((...args: never) => Module);

declare module '../../core/signature/argument_types.js' {
  interface ParameterTypes {
    Layer: LayerFactory;
  }
}

/** The layers that are defaults in signatures. */
const byName: Readonly<Record<string, LayerFactory>> = { BatchNorm2d, BatchNorm3d, GELU, ReLU, Sigmoid };

defineParameterType('Layer', {
  name: 'callable',
  convert: (value) => (typeof value === 'function' ? value : (byName[String(value)] ?? MISMATCH)),
});

/** A layer from what makes it, with these arguments. */
export function makeLayer<M extends Module = Module>(layer: LayerFactory, ...args: readonly unknown[]): M {
  return layer.prototype instanceof Module
    ? (Reflect.construct(layer, args) as M)
    : ((layer as unknown as (...args: readonly unknown[]) => M)(...args) as M);
}

/** A factory that adds these options to those that it is called with: Python's `functools.partial`. */
export function partial(
  layer: LayerFactory,
  options: Readonly<Record<string, unknown>>,
): (...args: unknown[]) => Module {
  return (...args) => {
    const last = args.at(-1);
    return isPlainObject(last)
      ? makeLayer(layer, ...args.slice(0, -1), { ...options, ...last })
      : makeLayer(layer, ...args, options);
  };
}
