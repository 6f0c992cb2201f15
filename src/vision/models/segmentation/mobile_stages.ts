import type { Module } from '../../../nn/module.js';
import { isStrided } from '../mobilenet_v3.js';

/** Where a stage of MobileNet v3's features ends: the name of a layer, and its channels. */
interface StageEnd {
  readonly name: string;
  readonly channels: number;
}

/** The first layer, those where the size shrinks, and the last one. */
export function stagesOf(features: Module): StageEnd[] {
  const layers = features.namedChildren();
  return layers.flatMap(([name, layer], i) => {
    if (i > 0 && i < layers.length - 1 && !isStrided(layer)) return [];
    return [{ name, channels: Reflect.get(layer, 'outChannels') as number }];
  });
}
