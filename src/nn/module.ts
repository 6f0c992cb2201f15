import { clearGradient } from '../autograd/clear_gradient.js';
import { noGradSync } from '../autograd/modes.js';
import { copier, type Memo } from '../core/deepcopy.js';
import type { Device, DeviceLike } from '../core/device.js';
import { bfloat16, DType, float16, float32, float64 } from '../core/dtype.js';
import {
  AttributeError,
  KeyError,
  NotImplementedError,
  RuntimeError,
  TypeError,
  ValueError,
} from '../core/errors.js';
import type { RemovableHandle } from '../core/grad_fn.js';
import { inspect } from '../core/inspect.js';
import { libraryClass, notCloned } from '../core/object.js';
import { typeName } from '../core/repr.js';
import { keep, type Reach, reach } from '../core/scope.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { Buffer } from './buffer.js';
import { Forward } from './forward.js';
import {
  type AnyHook,
  callHooked,
  type ForwardFunction,
  forwardOf,
  ModuleHooks,
  noteClass,
} from './module_hooks.js';
import { childLine, moduleText } from './module_printing.js';
import {
  extraState,
  type IncompatibleKeys,
  runStateHooks,
  type StateDict,
  StateHooks,
  type StateHookTypes,
  StateLoad,
} from './module_state.js';
import { isUninitialized, Parameter } from './parameter.js';
import { copySettings } from './settings.js';
import { kindAfter, nameOf, type Slot, type SlotKind } from './slot.js';

/**
 * A function that may be written with parameters of narrower types, as in
 * `(m: nn.Linear, args: [Tensor], output: Tensor) => …`: methods' parameters are compared both ways.
 */
type Hook<Args extends readonly unknown[], Result> = { bivariant(...args: Args): Result }['bivariant'];
/** The result of a backward hook: gradients, or one that stands for itself; nothing leaves them as they are. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing at all
export type ReplacedGradients = readonly (Tensor | null)[] | Tensor | null | undefined | void;

/** Called before `forward`; what it returns, if anything, takes the place of the arguments. */
export type ForwardPreHook<M extends Module = Module> = Hook<
  // biome-ignore lint/suspicious/noExplicitAny: they are the inputs of any module
  [module: M, args: any[]],
  unknown
>;
/** Called after `forward`; what it returns, if anything, takes the place of the output. */
export type ForwardHook<M extends Module = Module> = Hook<
  // biome-ignore lint/suspicious/noExplicitAny: they are the inputs and the result of any module
  [module: M, args: any[], output: any],
  unknown
>;
/** As `ForwardPreHook`, with arguments by name; it returns `[args, kwargs]`, or nothing. */
export type ForwardPreHookWithKwargs<M extends Module = Module> = Hook<
  // biome-ignore lint/suspicious/noExplicitAny: they are the inputs of any module
  [module: M, args: any[], kwargs: any],
  unknown
>;
/** As `ForwardHook`, with arguments by name. */
export type ForwardHookWithKwargs<M extends Module = Module> = Hook<
  // biome-ignore lint/suspicious/noExplicitAny: they are the inputs and the result of any module
  [module: M, args: any[], kwargs: any, output: any],
  unknown
>;
/** Called with the gradients by a module's inputs and outputs; what it returns takes the place of the inputs'. */
export type BackwardHook<M extends Module = Module> = Hook<
  [module: M, gradInput: (Tensor | null)[], gradOutput: (Tensor | null)[]],
  ReplacedGradients
>;
/** Called with the gradients by a module's outputs; what it returns takes their place. */
export type BackwardPreHook<M extends Module = Module> = Hook<
  [module: M, gradOutput: (Tensor | null)[]],
  ReplacedGradients
>;

const nothing = signature('Module()');
const registerBuffer = signature('register_buffer(Any name, Any tensor, bool persistent=True)');
const registerParameter = signature('register_parameter(Any name, Any param)');
/** Exported for containers, which add modules in another way. */
export const addModule = signature('add_module(Any name, Any module)');
const namedModules = signature("named_modules(*, str prefix='', bool remove_duplicate=True)");
const namedMembers = signature("named_members(str prefix='', bool recurse=True, bool remove_duplicate=True)");
const members = signature('members(bool recurse=True)');
const target = signature('target(str target)');
const apply = signature('apply(Callable fn)');
const train = signature('train(bool mode=True)');
const requiresGrad_ = signature('requires_grad_(bool requires_grad=True)');
const zeroGrad = signature('zero_grad(bool set_to_none=True)');
const to = signature(
  'to(Device|ScalarType|Tensor? device=None, ScalarType? dtype=None, bool non_blocking=False)',
);
const cuda = signature('cuda(Device|int? device=None)');
const toEmpty = signature('to_empty(*, Device? device, bool recurse=True)');
const stateDict = signature("state_dict(*, Any destination=None, str prefix='', bool keep_vars=False)");
const loadStateDict = signature('load_state_dict(Object state_dict, bool strict=True, bool assign=False)');
const forwardPreHook = signature(
  'register_forward_pre_hook(Callable hook, *, bool prepend=False, bool with_kwargs=False)',
);
const forwardHook = signature(
  'register_forward_hook(Callable hook, *, bool prepend=False, bool with_kwargs=False, bool always_call=False)',
);
const backwardHook = signature('register_full_backward_hook(Callable hook, bool prepend=False)');
const stateHook = signature('register_state_dict_hook(Callable hook)');
const setSubmodule = signature('set_submodule(str target, Any module, bool strict=False)');
const type = signature('type(ScalarType dst_type)');

/** Options of listing members. */
type NameOptions = Partial<ReturnType<typeof namedMembers.bind>>;

/**
 * The base class of all neural-network modules. Subclasses override `forward` and keep parameters and submodules in
 * their own properties (class fields or assigned), where they are found in order:
 *
 *     class Net extends nn.Module {
 *       fc = new nn.Linear(4, 2);
 *       forward(x: Tensor) {
 *         return this.fc.forward(x).relu();
 *       }
 *     }
 *
 * `forward` may have any inputs and any result. A module that only holds others needs none.
 */
export class Module extends Forward {
  /** Whether the module is in training mode; set by `train()` and `eval()`. */
  training = true;
  /** The properties that hold parameters, buffers and submodules, as far as they are known. */
  readonly #slots = new Map<string, Slot>();
  #hooks: ModuleHooks | null = null;
  #stateHooks: StateHooks<Module> | null = null;
  /** @internal */
  protected readonly notCloned: symbol;

  constructor(...args: Arguments<typeof nothing>) {
    super();
    this.notCloned = mark;
    noteClass(new.target.prototype as object);
    if ((args as readonly unknown[]).length > 0) nothing.bind(args, new.target.name);
  }

  // ---- what a module holds -----------------------------------------------------------------------------------

  /**
   * The name under which a property stands in the state dict and in printing. A module whose checkpoints come from
   * Python overrides this where the names differ (`runningMean` is `running_mean`); your own names stay as written.
   */
  protected stateKey(property: string): string {
    return property;
  }

  /** The accessors of slots by name: all modules share them. */
  static readonly #accessors = new Map<string, PropertyDescriptor>();

  /** Makes a property a slot, which refuses what is none of its kind from then on. It keeps its place among the others. */
  #addSlot(name: string, slot: Slot): void {
    this.#slots.set(name, slot);
    let accessor = Module.#accessors.get(name);
    if (accessor === undefined) {
      accessor = {
        get(this: Module) {
          return this.#slots.get(name)?.value;
        },
        set(this: Module, value: unknown) {
          this.#assign(name, value);
        },
        enumerable: true,
        configurable: true,
      };
      Module.#accessors.set(name, accessor);
    }
    Object.defineProperty(this, name, accessor);
  }

  #assign(name: string, value: unknown): void {
    const slot = this.#slots.get(name)!;
    slot.kind = kindAfter(slot, name, value, value instanceof Module);
    slot.value = value ?? null;
    if (value instanceof Buffer) slot.persistent = value.persistent;
    // So that a scope hears of it.
    if (slot.kind === 'buffer') keep(this);
  }

  /** Makes a slot of a property that was merely assigned, as class fields are. */
  #adopt(name: string, kind: SlotKind, value: unknown, persistent = true): void {
    const property = Object.getOwnPropertyDescriptor(this, name);
    if (property?.writable && property.configurable) this.#addSlot(name, { kind, value, persistent });
  }

  #adoptBuffers(): void {
    for (const [property, value] of Object.entries(this))
      if (value instanceof Buffer) this.#adopt(property, 'buffer', value, value.persistent);
  }

  /** The module's own properties that are modules, in order. Containers add what they hold. */
  protected *ownModules(): Iterable<[name: string, module: Module]> {
    for (const [property, value] of Object.entries(this)) {
      if (!(value instanceof Module)) continue;
      this.#adopt(property, 'child module', value);
      yield [this.stateKey(property), value];
    }
  }

  /** The module's own parameters, in order, by state key. */
  protected *ownParameters(): Iterable<[name: string, parameter: Parameter]> {
    for (const [property, value] of Object.entries(this)) {
      if (!(value instanceof Parameter)) continue;
      this.#adopt(property, 'parameter', value);
      yield [this.stateKey(property), value];
    }
  }

  *#ownBuffers(persistentOnly = false): Iterable<[name: string, buffer: Tensor]> {
    this.#adoptBuffers();
    for (const [property, { kind, persistent }] of this.#slots) {
      // A property that was deleted is none any more.
      const isHeld = kind === 'buffer' && Object.hasOwn(this, property);
      const value = isHeld ? (Reflect.get(this, property) as unknown) : null;
      if (value instanceof Tensor && (persistent || !persistentOnly)) yield [this.stateKey(property), value];
    }
  }

  /** @internal */
  protected checkName(kind: string, name: unknown): asserts name is string {
    if (typeof name !== 'string')
      throw new TypeError(`${kind} name should be a string. Got ${typeName(name)}`);
    if (name.includes('.'))
      throw new KeyError(`${kind} name can't contain "."${kind === 'module' ? `, got: ${name}` : ''}`);
    if (name === '') throw new KeyError(`${kind} name can't be empty string ""`);
    const isOne = this.#slots.get(name)?.kind === (kind === 'module' ? 'child module' : kind);
    if (!isOne && name in this && Reflect.get(this, name) !== undefined)
      throw new KeyError(`attribute '${name}' already exists`);
  }

  /**
   * Adds a buffer: a tensor that is part of the module's state but no parameter. It is the property of that name. One that
   * is not `persistent` is left out of the state dict.
   *
   * @param name the property's name
   * @param tensor the buffer; null for none yet
   * @param persistent whether it is part of the state dict
   */
  registerBuffer(...args: Arguments<typeof registerBuffer, { name: string; tensor: Tensor | null }>): void {
    const { name, tensor, persistent } = registerBuffer.bind(args);
    this.checkName('buffer', name);
    if (tensor !== null && !(tensor instanceof Tensor))
      throw new TypeError(
        `cannot assign '${nameOf(tensor)}' object to buffer '${name}' (torch Tensor or None required)`,
      );
    this.#addSlot(name, { kind: 'buffer', value: tensor, persistent });
    keep(this);
  }

  /** Adds a parameter as the property of that name. */
  registerParameter(
    ...args: Arguments<typeof registerParameter, { name: string; param: Parameter | null }>
  ): void {
    const { name, param: parameter } = registerParameter.bind(args);
    this.checkName('parameter', name);
    if (parameter !== null && !(parameter instanceof Parameter))
      throw new TypeError(
        `cannot assign '${nameOf(parameter)}' object to parameter '${name}' (torch.nn.Parameter or None required)`,
      );
    this.#addSlot(name, { kind: 'parameter', value: parameter, persistent: true });
  }

  /** Adds a submodule as the property of that name. */
  addModule(...args: Arguments<typeof addModule, { name: string; module: Module | null }>): void {
    const { name, module } = addModule.bind(args);
    this.checkName('module', name);
    if (module !== null && !(module instanceof Module))
      throw new TypeError(
        `${nameOf(module)} is not a Module subclass${Array.isArray(module) ? '; write ...list for the modules of a list' : ''}`,
      );
    this.#addSlot(name, { kind: 'child module', value: module, persistent: true });
  }

  /** The same as `addModule`. */
  registerModule(...args: Arguments<typeof addModule, { name: string; module: Module | null }>): void {
    const { name, module } = addModule.bind(args, 'register_module');
    this.addModule(name as string, module as Module | null);
  }

  /** @internal */
  [reach](into: Reach): void {
    for (const value of Object.values(this)) into.value(value);
  }

  /** This module and all below it, with their names, each once. */
  namedModules(...args: Arguments<typeof namedModules>): [string, Module][] {
    const { prefix, removeDuplicate } = namedModules.bind(args);
    return [...this.#walk(prefix, removeDuplicate ? new Set() : null)];
  }

  *#walk(prefix: string, seen: Set<Module> | null): Iterable<[string, Module]> {
    if (seen?.has(this)) return;
    seen?.add(this);
    yield [prefix, this];
    for (const [name, module] of this.ownModules())
      yield* module.#walk(prefix === '' ? name : `${prefix}.${name}`, seen);
  }

  /** This module and all below it, each once. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** The direct submodules with their names, each once. */
  namedChildren(): [string, Module][] {
    const seen = new Set<Module>();
    const result: [string, Module][] = [];
    for (const entry of this.ownModules()) {
      if (seen.has(entry[1])) continue;
      seen.add(entry[1]);
      result.push(entry);
    }
    return result;
  }

  /** The direct submodules, each once. */
  children(): Module[] {
    return this.namedChildren().map(([, module]) => module);
  }

  #members<T extends Tensor>(
    own: (module: Module) => Iterable<[string, T]>,
    { prefix = '', recurse = true, removeDuplicate = true }: NameOptions,
  ): [string, T][] {
    const result: [string, T][] = [];
    const seen = new Set<T>();
    const modules: readonly [string, Module][] = recurse
      ? this.namedModules({ prefix, removeDuplicate })
      : [[prefix, this]];
    for (const [path, module] of modules)
      for (const [name, member] of own(module)) {
        if (removeDuplicate && seen.has(member)) continue;
        seen.add(member);
        result.push([path === '' ? name : `${path}.${name}`, member]);
      }
    return result;
  }

  /** All parameters with their names, each once. */
  namedParameters(...args: Arguments<typeof namedMembers>): [string, Parameter][] {
    const options = namedMembers.bind(args, 'named_parameters');
    return this.#members((module) => module.ownParameters(), options);
  }

  /** All parameters, each once: what an optimizer takes. */
  parameters(...args: Arguments<typeof members>): Parameter[] {
    return this.namedParameters({ recurse: members.bind(args, 'parameters').recurse }).map(
      ([, parameter]) => parameter,
    );
  }

  /** All buffers with their names, each once. */
  namedBuffers(...args: Arguments<typeof namedMembers>): [string, Tensor][] {
    const options = namedMembers.bind(args, 'named_buffers');
    return this.#members((module) => module.#ownBuffers(), options);
  }

  /** All buffers, each once. */
  buffers(...args: Arguments<typeof members>): Tensor[] {
    return this.namedBuffers({ recurse: members.bind(args, 'buffers').recurse }).map(([, buffer]) => buffer);
  }

  /** The submodule at a path such as `'features.0.conv'`; `''` is this module. */
  getSubmodule(...args: Arguments<typeof target>): Module {
    const path = target.bind(args, 'get_submodule').target;
    let module: Module = this;
    for (const name of path === '' ? [] : path.split('.')) {
      const child = new Map(module.ownModules()).get(name);
      if (child === undefined) {
        if (name in module) throw new AttributeError(`\`${name}\` is not an nn.Module`);
        throw new AttributeError(`${module.constructor.name} has no attribute \`${name}\``);
      }
      module = child;
    }
    return module;
  }

  /**
   * Puts a module at a path such as `'features.0.conv'`.
   *
   * @param target where
   * @param module the module
   * @param strict whether there must be one already
   */
  setSubmodule(...args: Arguments<typeof setSubmodule, { module: Module }>): void {
    const { target, module, strict } = setSubmodule.bind(args);
    if (target === '') throw new ValueError('Cannot set the submodule without a target name!');
    if (!(module instanceof Module))
      throw new ValueError(`\`module\` is not an nn.Module, found <class '${typeName(module)}'>`);
    const [parent, name] = this.#owner(target);
    const held = new Map(parent.ownModules()).has(name);
    if (!held && name in parent) throw new AttributeError(`\`${name}\` is not an nn.Module`);
    if (!held && strict) throw new AttributeError(`${parent.constructor.name} has no attribute \`${name}\``);
    if (held) Reflect.set(parent, name, module);
    else parent.addModule(name, module);
  }

  /** The parameter at a path such as `'features.0.weight'`. */
  getParameter(...args: Arguments<typeof target>): Parameter {
    const path = target.bind(args, 'get_parameter').target;
    const [module, name] = this.#owner(path);
    const parameter = new Map(module.ownParameters()).get(name);
    if (parameter !== undefined) return parameter;
    if (name in module) throw new AttributeError(`\`${name}\` is not an nn.Parameter`);
    throw new AttributeError(`${module.constructor.name} has no attribute \`${name}\``);
  }

  /** The buffer at a path such as `'bn1.running_mean'`. */
  getBuffer(...args: Arguments<typeof target>): Tensor {
    const path = target.bind(args, 'get_buffer').target;
    const [module, name] = this.#owner(path);
    const buffer = new Map(module.#ownBuffers()).get(name);
    if (buffer !== undefined) return buffer;
    if (name in module) throw new AttributeError(`\`${name}\` is not a buffer`);
    throw new AttributeError(`${module.constructor.name} has no attribute \`${name}\``);
  }

  /**
   * @internal Puts another value in the place of a parameter or buffer, whatever its class; returns the value before. A name that the
   * module does not have becomes a property, and by undefined none again.
   */
  exchange(path: string, value: unknown): unknown {
    const [module, key] = this.#owner(path);
    const property = module.#property(key);
    const slot = module.#slots.get(property);
    const before = slot === undefined ? (Reflect.get(module, property) as unknown) : slot.value;
    if (slot !== undefined) slot.value = value;
    else if (value === undefined) Reflect.deleteProperty(module, property);
    else Reflect.set(module, property, value);
    return before;
  }

  #owner(path: string): [Module, string] {
    const dot = path.lastIndexOf('.');
    return [this.getSubmodule(path.slice(0, Math.max(0, dot))), path.slice(dot + 1)];
  }

  // ---- what is done to all of it -----------------------------------------------------------------------------

  /** Calls `fn` with every submodule, and with this module last. */
  apply(...args: Arguments<typeof apply, { fn: (module: Module) => void }>): this {
    const fn = apply.bind(args).fn as (module: Module) => void;
    for (const module of this.children()) module.apply(fn);
    fn(this);
    return this;
  }

  /** Sets training mode (or, with `false`, evaluation mode) on this module and all below it. */
  train(...args: Arguments<typeof train>): this {
    const { mode } = train.bind(args);
    this.training = mode;
    for (const module of this.children()) module.train(mode);
    return this;
  }

  /** Sets evaluation mode: dropout passes everything, batch norm uses its running statistics. */
  eval(): this {
    return this.train(false);
  }

  /** Says for every parameter whether gradients are recorded for it. */
  requiresGrad_(...args: Arguments<typeof requiresGrad_>): this {
    const { requiresGrad } = requiresGrad_.bind(args);
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /** Drops the gradients of all parameters, or sets them to zero. */
  zeroGrad(...args: Arguments<typeof zeroGrad>): void {
    const { setToNone } = zeroGrad.bind(args);
    for (const parameter of this.parameters()) clearGradient(parameter, setToNone);
  }

  /**
   * Moves and converts parameters and buffers in place.
   *
   * @param device where they shall be; or a dtype, or a tensor whose device and dtype they shall have
   * @param dtype the dtype of those that have a floating-point one
   * @param nonBlocking has no effect: nothing is waited for but values that are read
   */
  to(...args: Arguments<typeof to>): this {
    const given = to.bind(args);
    let device: DeviceLike | null = null;
    let { dtype } = given;
    if (given.device instanceof DType) dtype = given.device;
    else if (given.device instanceof Tensor) ({ device, dtype } = given.device);
    else device = given.device;
    if (device === null && dtype === null)
      throw new TypeError('to() needs a device, a dtype or a tensor, as in to(torch.float64)');
    if (dtype !== null && !(dtype.isFloatingPoint || dtype.isComplex))
      throw new TypeError(
        `nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=${dtype}`,
      );
    return this.#convert((tensor) => {
      if (tensor.isMeta && device !== null && String(device) !== 'meta')
        throw new NotImplementedError(
          'Cannot copy out of meta tensor; no data! Please use nn.Module.toEmpty() instead of nn.Module.to() when moving module from meta to a different device.',
        );
      const moved = device === null ? tensor : tensor.to(device);
      return dtype !== null && tensor.dtype.isFloatingPoint ? moved.to(dtype) : moved;
    });
  }

  /** Casts floating-point parameters and buffers to float32. */
  float(): this {
    return this.to(float32);
  }

  /** Casts floating-point parameters and buffers to float64. */
  double(): this {
    return this.to(float64);
  }

  /** Casts floating-point parameters and buffers to float16. */
  half(): this {
    return this.to(float16);
  }

  /** Casts floating-point parameters and buffers to bfloat16. */
  bfloat16(): this {
    return this.to(bfloat16);
  }

  /** Casts all parameters and buffers. */
  type(...args: Arguments<typeof type>): this {
    const { dstType } = type.bind(args);
    return this.#convert((tensor) => tensor.to(dstType));
  }

  /** Moves parameters and buffers to the CPU. */
  cpu(): this {
    return this.to('cpu');
  }

  /** PyTorch's move to a GPU of CUDA's. @throws AssertionError since there is none here, with the devices that there are */
  cuda(...args: Arguments<typeof cuda>): this {
    return this.to((cuda.bind(args).device as Device | null) ?? 'cuda');
  }

  /**
   * Moves parameters and buffers to a device without their values: what they hold there is not initialised.
   *
   * @param device where to
   * @param recurse whether those of the modules inside, too
   * @example
   * const net = new nn.Linear(2, 3, { device: 'meta' });
   * net.toEmpty({ device: 'cpu' });
   */
  toEmpty(...args: Arguments<typeof toEmpty>): this {
    const { device, recurse } = toEmpty.bind(args);
    return this.#convert((tensor) => tensor.emptyLike({ device }), recurse);
  }

  /**
   * Waits for parameters, their gradients and buffers that are on their way to the CPU.
   *
   * @example
   * await net.to('cpu').ready(); // from a device that must be waited for
   */
  async ready(): Promise<this> {
    const parameters = this.parameters();
    const held = [...parameters, ...parameters.map(({ grad }) => grad), ...this.buffers()];
    await Promise.all(held.map((tensor) => tensor?.ready()));
    return this;
  }

  #convert(fn: (tensor: Tensor) => Tensor, recurse = true): this {
    noGradSync(() => {
      for (const module of recurse ? this.modules() : [this as Module]) {
        for (const [, parameter] of module.ownParameters()) {
          if (isUninitialized(parameter)) {
            parameter.convert(fn);
            continue;
          }
          const grad = parameter.grad;
          parameter.data = fn(parameter.data);
          if (grad !== null) parameter.grad = fn(grad);
        }
        module.#adoptBuffers();
        for (const [property, { kind, value }] of module.#slots)
          if (kind !== 'buffer' || !(value instanceof Tensor) || !Object.hasOwn(module, property)) continue;
          else if (isUninitialized(value)) value.convert(fn);
          else Reflect.set(module, property, fn(value));
      }
    });
    return this;
  }

  // ---- state -------------------------------------------------------------------------------------------------

  /**
   * Parameters and persistent buffers by name, in PyTorch's order. They share memory with the module, but not its graph
   * (with `keepVars` they are the module's own).
   */
  stateDict(...args: Arguments<typeof stateDict, { destination: StateDict | null }>): StateDict {
    const { prefix, keepVars, destination } = stateDict.bind(args);
    const result = (destination ?? {}) as StateDict;
    for (const hook of this.#stateHooks?.statePre.hooks() ?? []) hook(this, prefix, keepVars);
    for (const own of [this.ownParameters(), this.#ownBuffers(true)])
      for (const [name, tensor] of own) result[prefix + name] = keepVars ? tensor : tensor.detach();
    if (this.getExtraState !== Module.prototype.getExtraState)
      result[prefix + extraState] = this.getExtraState() as Tensor;
    for (const [name, module] of this.ownModules())
      module.stateDict({ destination: result, prefix: `${prefix}${name}.`, keepVars });
    runStateHooks(this.#stateHooks, this, result, prefix);
    return result;
  }

  /** Gives what belongs to the state beside tensors. A module that overrides it and `setExtraState` has it in its state dict. */
  getExtraState(): unknown {
    throw noExtraState('get_extra_state');
  }

  /** Takes what `getExtraState` gave, from a state dict that is loaded. */
  setExtraState(_state: unknown): void {
    throw noExtraState('set_extra_state');
  }

  /**
   * Copies values into parameters and buffers. With `strict` (the default) the names must be exactly the module's;
   * every difference is reported in one error. With `assign` the given tensors take the place of the module's.
   */
  loadStateDict(
    ...args: Arguments<typeof loadStateDict, { stateDict: Readonly<Record<string, unknown>> }>
  ): IncompatibleKeys {
    const { strict, assign, stateDict } = loadStateDict.bind(args);
    const load = new StateLoad(stateDict, assign);
    noGradSync(() => this.#load('', load.stateDict, load));
    return load.report(this.constructor.name, strict);
  }

  /** Changes a state dict saved by an earlier version of the module into the present form. */
  protected upgradeStateDict(_stateDict: Record<string, unknown>, _prefix: string): void {}

  #load(prefix: string, stateDict: Record<string, unknown>, load: StateLoad): void {
    const { missing, unexpected, errors } = load;
    this.upgradeStateDict(stateDict, prefix);
    for (const hook of this.#stateHooks?.loadPre.hooks() ?? [])
      hook(this, stateDict, prefix, { version: 1 }, true, missing, unexpected, errors);
    const own = new Map<string, Tensor>([...this.ownParameters(), ...this.#ownBuffers(true)]);
    for (const [name, target] of own) {
      const key = prefix + name;
      if (!(key in stateDict)) missing.push(key);
      else this.#loadOne(key, name, target, stateDict[key], load);
    }
    const extraKey = prefix + extraState;
    const hasExtra = this.setExtraState !== Module.prototype.setExtraState;
    if (extraKey in stateDict !== hasExtra) (hasExtra ? missing : unexpected).push(extraKey);
    else if (hasExtra) this.setExtraState(stateDict[extraKey]);
    const modules = new Map(this.ownModules());
    for (const key of Object.keys(stateDict)) {
      if (!key.startsWith(prefix) || key === extraKey) continue;
      const [name, ...rest] = key.slice(prefix.length).split('.');
      if (rest.length > 0 ? !modules.has(name) : !own.has(name)) unexpected.push(key);
    }
    for (const [name, module] of modules) {
      const start = `${prefix}${name}.`;
      const part = Object.entries(stateDict).filter(([key]) => key.startsWith(start));
      module.#load(start, Object.fromEntries(part), load);
    }
    load.runHooks(this.#stateHooks, this);
  }

  #loadOne(key: string, name: string, target: Tensor, given: unknown, load: StateLoad): void {
    const source = load.fitting(key, target, given);
    if (source === null) return;
    if (!load.assign) target.copy_(source);
    else if (!(target instanceof Parameter)) Reflect.set(this, this.#property(name), source);
    else if (source instanceof Parameter)
      this.assignParameter(name, source.requiresGrad_(target.requiresGrad));
    else this.assignParameter(name, new Parameter(source, target.requiresGrad));
  }

  /** Puts a parameter in the place of the one of that state key. */
  protected assignParameter(name: string, parameter: Parameter): void {
    Reflect.set(this, this.#property(name), parameter);
  }

  #property(stateKey: string): string {
    return Object.keys(this).find((property) => this.stateKey(property) === stateKey) ?? stateKey;
  }

  // ---- copies ------------------------------------------------------------------------------------------------

  /** @internal */
  [copier](memo: Memo): this {
    const copy = memo.note(this, this.emptyCopy() as this);
    this.copyTo(copy, memo);
    return copy;
  }

  /** An object of the module's class. The class's own constructor, which may draw numbers and want arguments, is left out. */
  protected emptyCopy(): Module {
    return Reflect.construct(Module, [], this.constructor) as Module;
  }

  /** Gives a copy what the module holds. */
  protected copyTo(copy: this, memo: Memo): void {
    copySettings(this, copy);
    const slots = this.#slots;
    for (const [property, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(this))) {
      const slot = slots.get(property);
      if (slot !== undefined) copy.#addSlot(property, { ...slot, value: memo.copy(slot.value) });
      else if (writable && property !== 'forward') Reflect.set(copy, property, memo.copy(value as unknown));
    }
    if (this.#hooks !== null) copy.#hooked().addAll(this.#hooks);
    if (this.#stateHooks !== null) copy.#stateHooked().addAll(this.#stateHooks);
  }

  // ---- hooks -------------------------------------------------------------------------------------------------

  /**
   * Calls `hook(module, args)` before every `forward`; what it returns, if anything, takes the place of the arguments.
   *
   * @param hook gets the module and the arguments
   * @param prepend whether it is called before the hooks that are there already
   * @param withKwargs whether it is called as `hook(module, args, kwargs)`, with arguments by name (a last plain object) apart, and
   *   returns both: `[args, kwargs]`
   */
  registerForwardPreHook(
    hook: ForwardPreHookWithKwargs,
    options: { withKwargs: true; prepend?: boolean },
  ): RemovableHandle;
  registerForwardPreHook(
    ...args: Arguments<typeof forwardPreHook, Record<'hook', ForwardPreHook>>
  ): RemovableHandle;
  registerForwardPreHook(...args: unknown[]): RemovableHandle {
    const { hook, ...settings } = forwardPreHook.bind(args);
    return this.#hooked().forwardPre.add(hook as AnyHook, settings);
  }

  /**
   * Calls `hook(module, args, output)` after every `forward`; what it returns, if anything, takes the place of the output.
   *
   * @param hook gets the module, the arguments and the output
   * @param prepend whether it is called before the hooks that are there already
   * @param withKwargs whether it is called as `hook(module, args, kwargs, output)`, with arguments by name (a last plain object) apart
   * @param alwaysCall whether it is called even if `forward` fails
   */
  registerForwardHook(
    hook: ForwardHookWithKwargs,
    options: { withKwargs: true; prepend?: boolean; alwaysCall?: boolean },
  ): RemovableHandle;
  registerForwardHook(...args: Arguments<typeof forwardHook, Record<'hook', ForwardHook>>): RemovableHandle;
  registerForwardHook(...args: unknown[]): RemovableHandle {
    const { hook, ...settings } = forwardHook.bind(args);
    return this.#hooked().forward.add(hook as AnyHook, settings);
  }

  /** Calls `hook(module, gradOutput)` before gradients flow back through the module; it may return others. */
  registerFullBackwardPreHook(
    ...args: Arguments<typeof backwardHook, Record<'hook', BackwardPreHook>>
  ): RemovableHandle {
    const { hook, prepend } = backwardHook.bind(args, 'register_full_backward_pre_hook');
    return this.#hooked().backwardPre.add(hook as AnyHook, { prepend });
  }

  /**
   * Calls `hook(module, gradInput, gradOutput)` when the gradients by the module's inputs are known; what it returns, if
   * anything, takes the place of `gradInput`.
   */
  registerFullBackwardHook(
    ...args: Arguments<typeof backwardHook, Record<'hook', BackwardHook>>
  ): RemovableHandle {
    const { hook, prepend } = backwardHook.bind(args);
    return this.#hooked().backward.add(hook as AnyHook, { prepend });
  }

  /** @internal The hooks that are called before `forward`. */
  forwardPreHooks(): readonly AnyHook[] {
    return this.#hooks?.forwardPre.hooks() ?? [];
  }

  /** @internal Removes hooks that are called before `forward`, and returns them. */
  takeForwardPreHooks(isMeant: (hook: AnyHook) => boolean): readonly AnyHook[] {
    return this.#hooks?.forwardPre.take(isMeant) ?? [];
  }

  /** Shadows `forward` on this instance, so that a module without hooks pays nothing for them. */
  #hooked(): ModuleHooks {
    if (this.#hooks !== null) return this.#hooks;
    const shadowed = Object.getOwnPropertyDescriptor(this, 'forward');
    const own = shadowed?.value as ForwardFunction | undefined;
    const hooks = new ModuleHooks(() => {
      this.#hooks = null;
      Reflect.deleteProperty(this, 'forward');
      if (shadowed !== undefined) Object.defineProperty(this, 'forward', shadowed);
    });
    this.#hooks = hooks;
    Object.defineProperty(this, 'forward', {
      configurable: true,
      writable: true,
      value: (...args: unknown[]) => callHooked(this, hooks, own ?? forwardOf(this), args),
    });
    return hooks;
  }

  /** Calls `hook(module, prefix, keepVars)` before the module's state is gathered. */
  registerStateDictPreHook(
    ...args: Arguments<typeof stateHook, Record<'hook', StateHookTypes<Module>['statePre']>>
  ): RemovableHandle {
    const { hook } = stateHook.bind(args, 'register_state_dict_pre_hook');
    return this.#stateHooked().statePre.add(hook as StateHookTypes<Module>['statePre']);
  }

  /** Calls `hook(module, stateDict, prefix, metadata)` once the module's state is in the state dict, which it may change. */
  registerStateDictPostHook(
    ...args: Arguments<typeof stateHook, Record<'hook', StateHookTypes<Module>['state']>>
  ): RemovableHandle {
    const { hook } = stateHook.bind(args, 'register_state_dict_post_hook');
    return this.#stateHooked().state.add(hook as StateHookTypes<Module>['state']);
  }

  /**
   * Calls `hook(module, stateDict, prefix, metadata, strict, missingKeys, unexpectedKeys, errors)` before the module's state is loaded.
   * It may change the state dict, a copy of the one given, and the lists.
   */
  registerLoadStateDictPreHook(
    ...args: Arguments<typeof stateHook, Record<'hook', StateHookTypes<Module>['loadPre']>>
  ): RemovableHandle {
    const { hook } = stateHook.bind(args, 'register_load_state_dict_pre_hook');
    return this.#stateHooked().loadPre.add(hook as StateHookTypes<Module>['loadPre']);
  }

  /** Calls `hook(module, incompatibleKeys)` once the module's state and those of the modules inside are loaded. It may change the lists of keys. */
  registerLoadStateDictPostHook(
    ...args: Arguments<typeof stateHook, Record<'hook', StateHookTypes<Module>['load']>>
  ): RemovableHandle {
    const { hook } = stateHook.bind(args, 'register_load_state_dict_post_hook');
    return this.#stateHooked().load.add(hook as StateHookTypes<Module>['load']);
  }

  #stateHooked(): StateHooks<Module> {
    this.#stateHooks ??= new StateHooks();
    return this.#stateHooks;
  }

  // ---- printing ----------------------------------------------------------------------------------------------

  /** The text between the parentheses when the module is printed: its settings. */
  extraRepr(): string {
    return '';
  }

  /** The lines that describe submodules. */
  protected childLines(): string[] {
    return [...this.ownModules()].map(([name, module]) => childLine(name, module));
  }

  /** The module and all below it, as Python prints them. */
  override toString(): string {
    return moduleText(
      this,
      () => this.extraRepr(),
      () => this.childLines(),
    );
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

libraryClass(Module);

/** The error of a module that does not say what else belongs to its state. */
function noExtraState(name: string): RuntimeError {
  return new RuntimeError(
    `Reached a code path in Module.${name}() that should never be called. Override getExtraState() and setExtraState(), both of them.`,
  );
}

const mark = notCloned(Module, 'a Module: send the bytes of torch.save(model.stateDict()) instead');

takesNothing(Module.prototype, [
  'modules',
  'namedChildren',
  'children',
  'eval',
  'float',
  'double',
  'half',
  'bfloat16',
  'cpu',
  'ready',
]);
