/** A module: how it prints, its state, what it computes and its gradients. */
import { torch } from '../library.js';
import { argumentsFor, type Subject, type Way } from './construct.js';
import type { ModuleRecord } from './corpus.js';
import { compareText, firstProblem, tensorsByPosition, type Values } from './values.js';

/** Makes the module in one of the ways. */
function makeModule({ record, Class, signature }: Subject<ModuleRecord>, way: Way, values: Values) {
  torch.manualSeed(record.seed);
  const module = new Class(...argumentsFor(way, signature, record, values)) as torch.nn.Module;
  return module.to(values.device).train(record.training);
}

/** Says what differs in a module that has just been made. */
export async function checkMadeModule(subject: Subject<ModuleRecord>, way: Way): Promise<string | null> {
  const { record } = subject;
  const values = subject.values();
  const module = makeModule(subject, way, values);
  const state = knownState(module);
  const names = (members: readonly (readonly [string, unknown])[]) => members.map(([name]) => name).join();
  return (
    compareText(String(module), record.repr, 'repr') ??
    compareText(Object.keys(state).join(), names(record.state), 'the list of state') ??
    (await compareState(values, module, record.state, 'state')) ??
    compareText(names(module.namedParameters()), record.parameters.join(), 'the list of parameters') ??
    compareText(names(module.namedBuffers()), record.buffers.join(), 'the list of buffers')
  );
}

/** The state without what has no sizes yet: nothing of it was recorded. */
function knownState(module: torch.nn.Module): torch.nn.StateDict {
  const isKnown = (tensor: torch.Tensor) =>
    !(tensor instanceof torch.nn.UninitializedParameter || tensor instanceof torch.nn.UninitializedBuffer);
  return Object.fromEntries(Object.entries(module.stateDict()).filter(([, tensor]) => isKnown(tensor)));
}

function compareState(
  values: Values,
  module: torch.nn.Module,
  expected: ModuleRecord['state'],
  what: string,
): Promise<string | null> {
  const state = module.stateDict();
  return firstProblem(expected, ([name, position]) =>
    values.compare(state[name], position, `${what} ${name}`),
  );
}

/** Whether numbers are drawn while it computes, which are others with another seed, and on another device. */
export async function drawsNumbers(subject: Subject<ModuleRecord>): Promise<boolean> {
  return (await checkForward(subject, subject.record.seed + 2)) !== null;
}

/** Says what differs in what a module computes. @param seed that of what it draws on the way */
export async function checkForward(
  subject: Subject<ModuleRecord>,
  seed = subject.record.seed + 1,
): Promise<string | null> {
  const { record } = subject;
  const values = subject.values();
  const module = makeModule(subject, 'as given', values);
  const inputs = values.arguments(record.forward);
  torch.manualSeed(seed);
  const result: unknown = module.forward(...inputs);
  return (
    (await values.compareTree(result, record.out, 'the result')) ??
    (await compareState(values, module, record.state_after, 'state afterwards')) ??
    (await checkGradients(values, module, result, record))
  );
}

async function checkGradients(
  values: Values,
  module: torch.nn.Module,
  result: unknown,
  { grad, out }: ModuleRecord,
): Promise<string | null> {
  if (grad === undefined) return null;
  const outputs = tensorsByPosition(result, out);
  const parameters = new Map(module.namedParameters());
  const wanted = [
    ...grad.grads.map(([input, position]) => [`input ${input}`, values.tensor(input), position] as const),
    ...grad.parameters.map(([name, position]) => [name, parameters.get(name)!, position] as const),
  ];
  const gradients = torch.autograd.grad(
    grad.cots.map(([output]) => outputs.get(output)!),
    wanted.map(([, tensor]) => tensor),
    grad.cots.map(([, cotangent]) => values.tensor(cotangent)),
    { allowUnused: true },
  );
  return firstProblem(wanted, async ([name, tensor, position], i) => {
    const what = `the gradient of ${name}`;
    const gradient = gradients[i];
    if (position === null) return (await gradient?.any().itemAsync()) ? `${what} is not zero` : null;
    // PyTorch leaves a gradient undefined where it is zero anyhow, or the other way round.
    return values.compare(gradient ?? tensor.detach().zerosLike(), position, what);
  });
}
