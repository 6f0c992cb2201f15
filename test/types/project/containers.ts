/** Containers, hooks, and what is done to all modules of a model. */
import * as torch from 'flambeau';
import { nn, type Tensor } from 'flambeau';

export class MLP extends nn.Module {
  layers = new nn.ModuleList();

  constructor(sizes: readonly number[]) {
    super();
    sizes.slice(1).forEach((size, i) => {
      this.layers.append(new nn.Linear(sizes[i] ?? size, size));
      this.layers.append(new nn.Tanh());
    });
  }

  forward(x: Tensor): Tensor {
    for (const layer of this.layers) x = layer.forward(x);
    return x;
  }
}

export class Experts extends nn.Module {
  experts = new nn.ModuleList([new nn.Linear(4, 4), new nn.Linear(4, 4)]);
  gates = new nn.ParameterList([torch.ones(4), torch.zeros(4)]);
  scales = new nn.ParameterDict({ first: torch.ones(1), second: torch.ones(1) });

  forward(x: Tensor): Tensor {
    const outputs = [...this.experts].map((expert, i) => expert.forward(x).mul(this.gates.at(i).sigmoid()));
    return torch.stack(outputs).sum(0).mul(this.scales.get('first'));
  }
}

export function initialize(model: nn.Module): void {
  model.apply((m) => {
    if (m instanceof nn.Linear) {
      nn.init.xavierUniform_(m.weight, { gain: 2 });
      if (m.bias !== null) nn.init.constant_(m.bias, 0.01);
    } else if (m instanceof nn.Conv2d) {
      nn.init.kaimingNormal_(m.weight, { mode: 'fan_out', nonlinearity: 'relu' });
    }
  });
}

const freeze = (m: nn.Module): void => {
  for (const p of m.parameters()) p.requiresGrad = false;
};
export const frozen = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2)).apply(freeze).eval();

export function firstLayer(model: nn.Sequential): number {
  const first = model.at(0);
  if (first instanceof nn.Linear) return first.inFeatures;
  if (first instanceof nn.Conv2d) return first.inChannels;
  throw new Error(`no sizes in ${first.toString()}`);
}

/** Activations by name. */
export function record(model: nn.Module): { activations: Map<string, Tensor>; remove: () => void } {
  const activations = new Map<string, Tensor>();
  const handles = model.namedModules().map(([name, module]) =>
    module.registerForwardHook((_module: nn.Module, _inputs: Tensor[], output: Tensor) => {
      activations.set(name, output.detach());
    }),
  );
  return { activations, remove: () => handles.forEach((handle) => void handle.remove()) };
}

export function watchGradients(model: nn.Module): number[] {
  const norms: number[] = [];
  const hook = (module: nn.Module, gradInput: (Tensor | null)[], gradOutput: (Tensor | null)[]) => {
    for (const grad of [...gradInput, ...gradOutput]) if (grad) norms.push(grad.norm().item());
    return module.training ? undefined : gradInput;
  };
  model.registerFullBackwardHook(hook);
  model.registerForwardPreHook((m, args) => (m instanceof nn.Linear ? args : undefined));
  for (const p of model.parameters()) p.registerHook((grad) => grad.clamp(-1, 1));
  return norms;
}

export const count = (kind: typeof nn.Linear, model: nn.Module): number =>
  model.modules().filter((m) => m instanceof kind).length;
