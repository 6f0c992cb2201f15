/** `torch.distributed.checkpoint.state_dict`: states by parameters' names, which do not depend on how many processes there are. */
import { noGradSync } from '../../autograd/modes.js';
import { RuntimeError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import type { Module } from '../../nn/module.js';
import type { Optimizer, OptimizerStateDict } from '../../optim/optimizer.js';
import { DTensor } from '../tensor/dtensor.js';
import { shardingOf } from '../tensor/sharding.js';
import { localOf, stored } from './sharded_states.js';

/** How states are given and taken. */
export interface StateDictOptions {
  /** Whether every process gets wholes in the places of parts. Default false. */
  fullStateDict?: boolean;
  /** Whether parameters that do not learn are left out. Default false. */
  ignoreFrozenParams?: boolean;
  /** Whether names that are missing or that nobody knows are errors. Default true. */
  strict?: boolean;
}

/** An optimizer's state by parameters' names. */
export interface NamedOptimizerState extends Record<string, unknown> {
  state: Record<string, Record<string, unknown>>;
  param_groups: (Record<string, unknown> & { params: string[] })[];
}

const ofModel = signature('get_model_state_dict(Any model, *, Any options=None)');
const ofOptimizer = signature('get_optimizer_state_dict(Any model, Any optimizers, *, Any options=None)');
const ofBoth = signature('get_state_dict(Any model, Any optimizers, *, Any options=None)');
const ofSetModel = signature('set_model_state_dict(Any model, Object model_state_dict, *, Any options=None)');
const ofSetOptimizer = signature(
  'set_optimizer_state_dict(Any model, Any optimizers, Object optim_state_dict, *, Any options=None)',
);
const ofSetBoth = signature(
  'set_state_dict(Any model, Any optimizers, *, Object model_state_dict, Object optim_state_dict, Any options=None)',
);

interface Types {
  model: Module;
  options: StateDictOptions | null;
}
interface WithOptimizers extends Types {
  optimizers: Optimizer | readonly Optimizer[];
}

const optionsOf = (options: unknown): StateDictOptions => (options ?? {}) as StateDictOptions;
const listOf = (optimizers: unknown): readonly Optimizer[] =>
  Array.isArray(optimizers) ? (optimizers as Optimizer[]) : [optimizers as Optimizer];

/** The names of a model's parameters, without what modules around it have added. */
function namesOf(model: Module): Map<Tensor, string> {
  return new Map(
    model.namedParameters().map(([name, parameter]) => [parameter, name.replace(/(^|\.)module\./g, '$1')]),
  );
}

/**
 * A model's state, as `checkpoint.save` takes it and `checkpoint.load` fills it: parts of sharded parameters as `DTensor`s, or wholes if they are asked
 * for, for which all processes call it.
 *
 * @param model the model
 * @param options `fullStateDict`, `ignoreFrozenParams`
 */
export function getModelStateDict(...args: Arguments<typeof ofModel, Types>): Record<string, unknown> {
  const { model, options } = ofModel.bind(args);
  const { fullStateDict = false, ignoreFrozenParams = false } = optionsOf(options);
  const frozen = new Set<string>();
  for (const [name, parameter] of (model as Module).namedParameters({ removeDuplicate: false }))
    if (ignoreFrozenParams && !parameter.requiresGrad) frozen.add(name);
  const state: Record<string, unknown> = {};
  for (const [name, value] of Object.entries((model as Module).stateDict()))
    if (!frozen.has(name))
      state[name.replace(/(^|\.)module\./g, '$1')] =
        fullStateDict && (value as unknown) instanceof DTensor
          ? (value as unknown as DTensor).fullTensor()
          : value;
  return state;
}

/** Lets an optimizer have all the state that it will have, by a step that changes nothing, so that there is something to load into. */
function fill(optimizer: Optimizer): void {
  if (optimizer.state.size > 0) return;
  const grads = optimizer.paramGroups.flatMap(({ params }) => params.map((one) => [one, one.grad] as const));
  const rates = optimizer.paramGroups.map(({ lr }) => lr);
  for (const [parameter] of grads)
    if (parameter.requiresGrad) parameter.grad = noGradSync(() => ops.zerosLike(parameter.detach()));
  for (const group of optimizer.paramGroups) group.lr = 0;
  optimizer.step();
  for (const [i, group] of [...optimizer.paramGroups].entries()) group.lr = rates[i];
  for (const [parameter, grad] of grads) parameter.grad = grad;
}

/**
 * An optimizer's state by the names of parameters. One that has not made a step yet is given the state that it will have, with zeros, as in PyTorch.
 *
 * @param model whose parameters they are
 * @param optimizers the optimizer, or several
 * @param options `fullStateDict`
 */
export function getOptimizerStateDict(
  ...args: Arguments<typeof ofOptimizer, WithOptimizers>
): NamedOptimizerState {
  const { model, optimizers, options } = ofOptimizer.bind(args);
  const { fullStateDict = false } = optionsOf(options);
  const names = namesOf(model as Module);
  const result: NamedOptimizerState = { state: {}, param_groups: [] };
  for (const optimizer of listOf(optimizers)) {
    fill(optimizer);
    const { state, param_groups } = optimizer.stateDict();
    const parameters = optimizer.paramGroups.flatMap(({ params }) => params);
    const nameOf = (number: number): string => {
      const name = names.get(parameters[number]);
      if (name === undefined)
        throw new RuntimeError(`parameter ${number} of the optimizer is none of the model's`);
      return name;
    };
    for (const [number, kept] of state)
      result.state[nameOf(number)] = Object.fromEntries(
        Object.entries(kept).map(([key, value]) => [key, stored(value, parameters[number], fullStateDict)]),
      );
    for (const group of param_groups)
      result.param_groups.push({ ...group, params: (group.params as number[]).map(nameOf) });
  }
  return result;
}

/**
 * The states of a model and of its optimizers.
 *
 * @param model the model
 * @param optimizers the optimizer, or several
 * @param options `fullStateDict`, `ignoreFrozenParams`
 *
 * @example
 * const [model, optim] = distributed.checkpoint.getStateDict(net, optimizer);
 * await distributed.checkpoint.save({ model, optim }, { checkpointId: 'checkpoints/last' });
 */
export function getStateDict(
  ...args: Arguments<typeof ofBoth, WithOptimizers>
): [model: Record<string, unknown>, optim: NamedOptimizerState] {
  const { model, optimizers, options } = ofBoth.bind(args);
  const given = { options: optionsOf(options) };
  return [
    getModelStateDict(model as Module, given),
    getOptimizerStateDict(model as Module, optimizers as Optimizer[], given),
  ];
}

/**
 * Gives a model the state that `getModelStateDict` gave, with parts or wholes, of any number of processes.
 *
 * @param model the model
 * @param modelStateDict the state
 * @param options `strict`
 */
export function setModelStateDict(
  ...args: Arguments<typeof ofSetModel, Types & { modelStateDict: Record<string, unknown> }>
): { missingKeys: string[]; unexpectedKeys: string[] } {
  const { model, modelStateDict, options } = ofSetModel.bind(args);
  const { strict = true } = optionsOf(options);
  const given = modelStateDict as Record<string, unknown>;
  const own = Object.keys((model as Module).stateDict());
  const byName = new Map(own.map((name) => [name.replace(/(^|\.)module\./g, '$1'), name]));
  const state = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [byName.get(name) ?? name, value]),
  );
  return (model as Module).loadStateDict(state as never, { strict }) as never;
}

/**
 * Gives optimizers the state that `getOptimizerStateDict` gave, with parts or wholes, of any number of processes.
 *
 * @param model whose parameters they are
 * @param optimizers the optimizer, or several
 * @param optimStateDict the state
 */
export function setOptimizerStateDict(
  ...args: Arguments<typeof ofSetOptimizer, WithOptimizers & { optimStateDict: NamedOptimizerState }>
): void {
  const { model, optimizers, optimStateDict } = ofSetOptimizer.bind(args);
  const given = optimStateDict as NamedOptimizerState;
  const names = namesOf(model as Module);
  for (const optimizer of listOf(optimizers)) {
    const own = optimizer.stateDict();
    const parameters = optimizer.paramGroups.flatMap(({ params }) => params);
    const state = new Map<number, Record<string, unknown>>();
    for (const [number, parameter] of parameters.entries()) {
      const kept = given.state[names.get(parameter)!];
      if (kept === undefined) continue;
      const sharding = shardingOf(parameter);
      const local = Object.entries(kept).map(
        ([key, value]) => [key, sharding === null ? value : localOf(value, sharding)] as const,
      );
      state.set(number, Object.fromEntries(local));
    }
    const param_groups = own.param_groups.map((group) => {
      const first = names.get(parameters[(group.params as number[])[0]])!;
      const saved = given.param_groups.find(({ params }) => params.includes(first));
      if (saved === undefined) throw new RuntimeError(`the state has no group of parameters with ${first}`);
      return { ...saved, params: group.params };
    });
    optimizer.loadStateDict({ state, param_groups } as OptimizerStateDict);
  }
}

/**
 * Gives a model and its optimizers the states that `getStateDict` gave.
 *
 * @param model the model
 * @param optimizers the optimizer, or several
 * @param modelStateDict the model's state
 * @param optimStateDict the optimizers' state
 * @param options `strict`
 */
export function setStateDict(
  ...args: Arguments<
    typeof ofSetBoth,
    WithOptimizers & { modelStateDict: Record<string, unknown>; optimStateDict: NamedOptimizerState }
  >
): { missingKeys: string[]; unexpectedKeys: string[] } {
  const { model, optimizers, modelStateDict, optimStateDict, options } = ofSetBoth.bind(args);
  setOptimizerStateDict(model as Module, optimizers as Optimizer[], optimStateDict as NamedOptimizerState);
  return setModelStateDict(model as Module, modelStateDict as Record<string, unknown>, {
    options: optionsOf(options),
  });
}
