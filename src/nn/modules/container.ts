import type { Memo } from '../../core/deepcopy.js';
import { IndexError, KeyError, TypeError, ValueError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { isPlainObject } from '../../core/plain.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { addModule, Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { kindAfter, nameOf } from '../slot.js';

/** Modules by name, in the order in which they were added, and each also as the property of its name. */
abstract class Container<M extends Module> extends Module {
  readonly #modules = new Map<string, M>();

  protected override *ownModules(): Iterable<[string, Module]> {
    yield* this.#modules;
    yield* super.ownModules();
  }

  protected override emptyCopy(): Module {
    return Reflect.construct(Container, [], this.constructor) as Module;
  }

  protected override copyTo(copy: this, memo: Memo): void {
    super.copyTo(copy, memo);
    for (const [name, module] of this.#modules) copy.setModule(name, memo.copy(module));
  }

  override addModule(...args: Arguments<typeof addModule, { name: string; module: Module | null }>): void {
    const { name, module } = addModule.bind(args);
    if (module === null) return;
    this.checkName('module', name);
    this.setModule(name, module as M);
  }

  /** Adds a module, or replaces the one of that name in its place. */
  protected setModule(name: string, module: M): void {
    if (!(module instanceof Module))
      throw new TypeError(
        `${nameOf(module)} is not a Module subclass${Array.isArray(module) ? '; write ...list for the modules of a list' : ''}`,
      );
    this.#modules.set(name, module);
    // Not enumerable: the map, which keeps names like '0' in order, says what is held; the property only reads and writes it.
    Object.defineProperty(this, name, {
      configurable: true,
      enumerable: false,
      get: () => this.#modules.get(name),
      set: (value: M) => this.assignModule(name, value),
    });
  }

  /** Puts a module in the place of the one of that name. */
  protected assignModule(name: string, module: M): void {
    kindAfter({ kind: 'child module' }, name, module, module instanceof Module);
    this.setModule(name, module);
  }

  protected removeModule(name: string): void {
    this.#modules.delete(name);
    Reflect.deleteProperty(this, name);
  }

  protected get modulesByName(): ReadonlyMap<string, M> {
    return this.#modules;
  }
}

/** A container whose modules are counted. */
abstract class ListContainer<M extends Module> extends Container<M> {
  /** How many modules it holds. */
  get length(): number {
    return this.modulesByName.size;
  }

  [Symbol.iterator](): Iterator<M> {
    return this.list()[Symbol.iterator]();
  }

  /** The module at a position; negative ones count from the end. */
  at(index: number): M {
    return this.list()[this.position(index)];
  }

  protected list(): M[] {
    return [...this.modulesByName.values()];
  }

  protected position(index: number): number {
    const { length } = this;
    if (!Number.isInteger(index) || index < -length || index >= length)
      throw new IndexError(`index ${index} is out of range`);
    return index < 0 ? index + length : index;
  }

  /** Puts modules in place of all present ones, numbered from 0. */
  protected renumber(modules: readonly M[]): void {
    for (const name of [...this.modulesByName.keys()]) this.removeModule(name);
    for (const [i, module] of modules.entries()) this.setModule(String(i), module);
  }

  /** Replaces the module at a position. */
  set(index: number, module: M): void {
    this.assignModule([...this.modulesByName.keys()][this.position(index)], module);
  }

  /** Adds a module at the end. */
  append(module: M): this {
    this.setModule(String(this.length), module);
    return this;
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<M>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  /** Puts a module before the one at `index`. */
  insert(index: number, module: M): this {
    const list = this.list();
    const { length } = list;
    if (index < -length || index > length) throw new IndexError(`Index out of range: ${index}`);
    list.splice(index < 0 ? index + length : index, 0, module);
    this.renumber(list);
    return this;
  }

  /** Takes out and returns the module at a position (the last, unless given). */
  pop(index = -1): M {
    const list = this.list();
    const [module] = list.splice(this.position(index), 1);
    this.renumber(list);
    return module;
  }
}
takes(ListContainer.prototype, [
  'append(Any module)',
  'extend(Any modules)',
  'insert(int index, Any module)',
  'pop(int key=-1)',
]);

libraryClass(ListContainer, { index: 'write model.at(0)', numbered: true });

/** Modules called one after the other, each with what the one before gave; given in order, or as an object of named ones. */
export class Sequential<Output = Tensor> extends ListContainer<Module> {
  constructor(modules: Readonly<Record<string, Module>>);
  constructor(...modules: Module[]);
  constructor(...modules: (Module | Readonly<Record<string, Module>>)[]) {
    super();
    const [first] = modules;
    const named =
      modules.length === 1 && isPlainObject(first) ? (first as Record<string, Module>) : { ...modules };
    for (const [name, module] of Object.entries(named)) this.addModule(name, module as Module);
  }

  override forward(input: unknown): Output {
    let x = input;
    for (const [, module] of this.ownModules()) x = module.forward(x);
    return x as Output;
  }
}

const moduleList = signature('ModuleList(Iterable? modules=None)');

/** A list of modules that registers them; it has no `forward`. */
export class ModuleList<M extends Module = Module> extends ListContainer<M> {
  /** @param modules the modules, in their order */
  constructor(...args: Arguments<typeof moduleList, { modules: Iterable<M> | null }>) {
    super();
    const { modules } = moduleList.bind(args);
    if (modules !== null) this.extend(modules as Iterable<M>);
  }

  /** Equal neighbours are told once: `(0-2): 3 x Linear(…)`. */
  protected override childLines(): string[] {
    const texts = this.list().map(String);
    const lines: string[] = [];
    for (let start = 0, end = 0; start < texts.length; start = end) {
      while (end < texts.length && texts[end] === texts[start]) end++;
      const count = end - start;
      const text = texts[start].replaceAll('\n', '\n  ');
      lines.push(count === 1 ? `(${start}): ${text}` : `(${start}-${end - 1}): ${count} x ${text}`);
    }
    return lines;
  }
}

/** Entries of a dictionary: an object, or pairs of names and values. */
export type NamedItems<T> = Readonly<Record<string, T>> | Iterable<readonly [string, T]>;

/** The pairs of what was given to `update`. @throws TypeError in PyTorch's words if there are none */
function pairsOf<T>(owner: string, given: NamedItems<T>): readonly (readonly [string, T])[] {
  if (given instanceof ModuleDict || given instanceof ParameterDict) return [...given.entries()] as never;
  if (isPlainObject(given)) return Object.entries(given as Readonly<Record<string, T>>);
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given))
    throw new TypeError(
      // The plural is PyTorch's own.
      `${owner.replace('Parameter', 'Parameters')}.update should be called with an iterable of key/value pairs, but got ${typeName(given)}`,
    );
  return [...given].map((pair: unknown, i) => {
    const element = `${owner} update sequence element #${i}`;
    if (!Array.isArray(pair)) throw new TypeError(`${element} should be Iterable; is${typeName(pair)}`);
    if (pair.length !== 2) throw new ValueError(`${element} has length ${pair.length}; 2 is required`);
    return pair as unknown as [string, T];
  });
}

const moduleDict = signature('ModuleDict(Object modules=None)');

/** Modules by name that registers them; it has no `forward`. */
export class ModuleDict<M extends Module = Module> extends Container<M> {
  /** @param modules the modules by name: an object, or pairs in their order */
  constructor(...args: Arguments<typeof moduleDict, { modules: NamedItems<M> | null }>) {
    super();
    const { modules } = moduleDict.bind(args, new.target.name);
    if (modules !== null) this.update(modules as NamedItems<M>);
  }

  /** How many modules it holds. */
  get length(): number {
    return this.modulesByName.size;
  }

  /** The module of that name. */
  get(key: string): M {
    const module = this.modulesByName.get(key);
    if (module === undefined) throw new KeyError(key);
    return module;
  }

  has(key: string): boolean {
    return this.modulesByName.has(key);
  }

  set(key: string, module: M): this {
    if (this.has(key)) this.assignModule(key, module);
    else {
      this.checkName('module', key);
      this.setModule(key, module);
    }
    return this;
  }

  /** Takes out and returns the module of that name. */
  pop(key: string): M {
    const module = this.get(key);
    this.removeModule(key);
    return module;
  }

  clear(): void {
    for (const key of [...this.keys()]) this.removeModule(key);
  }

  /** Adds or replaces modules. */
  update(modules: NamedItems<M>): this {
    for (const [key, module] of pairsOf('ModuleDict', modules)) this.set(key, module);
    return this;
  }

  keys(): Iterable<string> {
    return this.modulesByName.keys();
  }

  values(): Iterable<M> {
    return this.modulesByName.values();
  }

  entries(): Iterable<[string, M]> {
    return this.modulesByName.entries();
  }

  [Symbol.iterator](): Iterator<string> {
    return this.modulesByName.keys();
  }
}
takes(ModuleDict.prototype, ['pop(str key)', 'clear()', 'keys()', 'values()', 'entries()']);

function describe(key: string, parameter: Parameter, type: string): string {
  return `  (${key}): Parameter containing: [${type} of size ${parameter.shape.join('x')}]`;
}

const parameterList = signature('ParameterList(Iterable? values=None)');

/** A list of parameters that registers them. Plain tensors become parameters. */
export class ParameterList extends Module {
  readonly #parameters: Parameter[] = [];

  /** @param values the parameters, in their order */
  constructor(...args: Arguments<typeof parameterList, { values: Iterable<Tensor> | null }>) {
    super();
    const { values } = parameterList.bind(args);
    if (values !== null) this.extend(values as Iterable<Tensor>);
  }

  protected override *ownParameters(): Iterable<[string, Parameter]> {
    for (const [i, parameter] of this.#parameters.entries()) yield [String(i), parameter];
    yield* super.ownParameters();
  }

  protected override emptyCopy(): Module {
    return Reflect.construct(ParameterList, [], this.constructor) as Module;
  }

  protected override copyTo(copy: this, memo: Memo): void {
    super.copyTo(copy, memo);
    for (const parameter of this.#parameters) copy.append(memo.copy(parameter));
  }

  get length(): number {
    return this.#parameters.length;
  }

  /** The parameter at a position; negative ones count from the end. */
  at(index: number): Parameter {
    return this.#parameters[this.#position(index)];
  }

  set(index: number, parameter: Tensor): void {
    this.#parameters[this.#position(index)] = asParameter(parameter);
  }

  #position(index: number): number {
    const { length } = this;
    if (!Number.isInteger(index) || index < -length || index >= length)
      throw new IndexError(`index ${index} is out of range`);
    return index < 0 ? index + length : index;
  }

  append(parameter: Tensor): this {
    this.#parameters.push(asParameter(parameter));
    return this;
  }

  extend(parameters: Iterable<Tensor>): this {
    for (const parameter of parameters) this.append(parameter);
    return this;
  }

  [Symbol.iterator](): Iterator<Parameter> {
    return this.#parameters[Symbol.iterator]();
  }

  override extraRepr(): string {
    return this.#parameters.map((p, i) => describe(String(i), p, String(p.dtype))).join('\n');
  }

  protected override assignParameter(name: string, parameter: Parameter): void {
    if (/^\d+$/.test(name)) this.#parameters[Number(name)] = parameter;
    else super.assignParameter(name, parameter);
  }
}
takes(ParameterList.prototype, ['append(Any value)', 'extend(Any values)']);

libraryClass(ParameterList, { index: 'write list.at(0)', numbered: true });

const parameterDict = signature('ParameterDict(Object parameters=None)');

/** Parameters by name that registers them. Plain tensors become parameters. */
export class ParameterDict extends Module {
  readonly #parameters = new Map<string, Parameter>();

  /** @param parameters the parameters by name: an object, whose names are sorted as in Python, or pairs in their order */
  constructor(...args: Arguments<typeof parameterDict, { parameters: NamedItems<Tensor> | null }>) {
    super();
    const { parameters } = parameterDict.bind(args, new.target.name);
    if (parameters !== null) this.update(parameters as NamedItems<Tensor>);
  }

  protected override *ownParameters(): Iterable<[string, Parameter]> {
    yield* this.#parameters;
    yield* super.ownParameters();
  }

  protected override emptyCopy(): Module {
    return Reflect.construct(ParameterDict, [], this.constructor) as Module;
  }

  protected override copyTo(copy: this, memo: Memo): void {
    super.copyTo(copy, memo);
    for (const [key, parameter] of this.#parameters) copy.set(key, memo.copy(parameter));
  }

  get length(): number {
    return this.#parameters.size;
  }

  /** The parameter of that name. */
  get(key: string): Parameter {
    const parameter = this.#parameters.get(key);
    if (parameter === undefined) throw new KeyError(key);
    return parameter;
  }

  has(key: string): boolean {
    return this.#parameters.has(key);
  }

  set(key: string, parameter: Tensor): this {
    if (typeof key !== 'string')
      throw new TypeError(
        `Index given to ParameterDict cannot be used as a key as it is not a string (type is '${typeName(key)}').`,
      );
    this.#parameters.set(key, asParameter(parameter));
    return this;
  }

  /** Takes out and returns the parameter of that name. */
  pop(key: string): Parameter {
    const parameter = this.get(key);
    this.#parameters.delete(key);
    return parameter;
  }

  clear(): void {
    this.#parameters.clear();
  }

  /** Adds or replaces parameters: those of an object sorted by name, as in Python, pairs in their order. */
  update(parameters: NamedItems<Tensor>): this {
    const pairs = [...pairsOf('ParameterDict', parameters)];
    if (isPlainObject(parameters)) pairs.sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, parameter] of pairs) this.set(key, parameter);
    return this;
  }

  keys(): Iterable<string> {
    return this.#parameters.keys();
  }

  values(): Iterable<Parameter> {
    return this.#parameters.values();
  }

  entries(): Iterable<[string, Parameter]> {
    return this.#parameters.entries();
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#parameters.keys();
  }

  override extraRepr(): string {
    return [...this.#parameters]
      .map(([key, p]) => describe(key, p, `torch.${p.dtype.scalarName}Tensor`))
      .join('\n');
  }

  protected override assignParameter(name: string, parameter: Parameter): void {
    if (this.has(name)) this.#parameters.set(name, parameter);
    else super.assignParameter(name, parameter);
  }
}
takes(ParameterDict.prototype, ['pop(str key)', 'clear()', 'keys()', 'values()', 'entries()']);

function asParameter(tensor: Tensor): Parameter {
  return tensor instanceof Parameter ? tensor : new Parameter(tensor);
}
