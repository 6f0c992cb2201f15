/** Initial weights that several families of models have. */
import * as init from '../../nn/init.js';
import type { Module } from '../../nn/module.js';
import { BatchNorm2d, Conv2d, GroupNorm, Linear } from '../../nn/modules/index.js';

/** Draws weights as mobile networks have them: convolutions by their outputs, normalizations neutral, the rest by `linear`. */
export function initializeMobile(model: Module, linear: (layer: Linear) => void): void {
  for (const m of model.modules()) {
    if (m instanceof Conv2d) {
      init.kaimingNormal_(m.weight, { mode: 'fan_out' });
      if (m.bias !== null) init.zeros_(m.bias);
    } else if (m instanceof BatchNorm2d || m instanceof GroupNorm) {
      init.ones_(m.weight!);
      init.zeros_(m.bias!);
    } else if (m instanceof Linear) {
      linear(m);
      if (m.bias !== null) init.zeros_(m.bias);
    }
  }
}

/** Small weights, from the normal distribution. */
export const smallNormal = (layer: Linear): void => {
  init.normal_(layer.weight, 0, 0.01);
};
