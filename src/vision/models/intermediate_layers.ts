import { ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import type { Module } from '../../nn/module.js';
import { ModuleDict } from '../../nn/modules/index.js';
import { ofX } from '../ops/snake_module.js';

const layerGetter = signature('IntermediateLayerGetter(Any model, Object return_layers)');

/** New names of layers' results, by the names of the layers. */
export type ReturnLayers = Readonly<Record<string, string>>;

/**
 * A model up to the last of some of its direct layers, whose results it gives by new names. Its layers must be called in the order in which
 * they are held, each on what the one before gives.
 */
export class IntermediateLayerGetter extends ModuleDict {
  readonly returnLayers: ReturnLayers;

  /**
   * @param model the model
   * @param returnLayers new names of results, by the names of the layers: `{ layer4: 'out' }`
   */
  constructor(...args: Arguments<typeof layerGetter, { model: Module; returnLayers: ReturnLayers }>) {
    const given = layerGetter.bind(args);
    const returnLayers = given.returnLayers as ReturnLayers;
    const children = (given.model as Module).namedChildren();
    const wanted = new Set(Object.keys(returnLayers));
    const last = children.findLastIndex(([name]) => wanted.has(name));
    const found = children.filter(([name]) => wanted.has(name));
    if (found.length < wanted.size) throw new ValueError('return_layers are not present in model');
    super(children.slice(0, last + 1));
    this.returnLayers = returnLayers;
  }

  override forward(...args: Arguments<typeof ofX>): Record<string, Tensor> {
    let [x] = ofX.inOrder(args, this);
    const results: Record<string, Tensor> = {};
    for (const [name, module] of this.entries()) {
      x = module.forward(x) as Tensor;
      if (name in this.returnLayers) results[this.returnLayers[name]] = x;
    }
    return results;
  }
}
