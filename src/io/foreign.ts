/** Objects of Python's classes that there are none of here. */
import { inspect } from '../core/inspect.js';
import { takesNothing } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';

/** A class or function that a file names and nobody here knows. */
export class ForeignName {
  /** @internal */
  constructor(
    /** Its full name: `'ultralytics.nn.tasks.DetectionModel'`. */
    readonly name: string,
  ) {}

  toString(): string {
    return `<${this.name}>`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

/**
 * An object from a file whose class is not here, as `torch.load(file, { weightsOnly: false })` gives it: what the file says of it, of
 * which nothing has been run.
 *
 * @example
 * const { model } = await torch.load('yolo.pt', { weightsOnly: false });
 * net.loadStateDict(model.stateDict());
 */
export class ForeignObject {
  /** The arguments that the object was made of. */
  readonly args: readonly unknown[] = [];
  /** The object's attributes, by Python's names. */
  readonly attributes: Record<string, unknown> = {};
  /** The state that the class made of the object itself, where that is no dictionary of attributes. */
  readonly state: unknown = null;
  /** The items, of a class that is a list. */
  readonly items: readonly unknown[] | null = null;
  /** The items, of a class that is a dictionary: a plain object, or a Map where keys are no strings. */
  readonly entries: unknown = null;

  /** @internal */
  constructor(
    /** The full name of its class (or of the function that makes it): `'argparse.Namespace'`. */
    readonly className: string,
  ) {}

  /**
   * The parameters and persistent buffers of a module, by their names, as its `state_dict()` has them in Python. Of a TorchScript module, all
   * tensors.
   */
  stateDict(): Record<string, Tensor> {
    const found: Record<string, Tensor> = {};
    // A list of work: nothing says how deep a file's modules are, or that they are no circle.
    const work: [prefix: string, object: ForeignObject][] = [['', this]];
    const seen = new Set<ForeignObject>();
    const names: [name: string, tensor: Tensor][] = [];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      const [prefix, object] = next;
      if (seen.has(object)) continue;
      seen.add(object);
      for (const [name, tensor] of tensorsOf(object)) names.push([prefix + name, tensor.detach()]);
      const modules = [...modulesOf(object)].reverse();
      for (const [name, module] of modules) work.push([`${prefix}${name}.`, module]);
    }
    for (const [name, tensor] of names)
      Object.defineProperty(found, name, {
        value: tensor,
        enumerable: true,
        writable: true,
        configurable: true,
      });
    return found;
  }

  toString(): string {
    return `<${this.className} object>`;
  }

  /** @internal */
  [inspect](): string {
    const names = Object.keys(this.attributes);
    return names.length === 0 ? this.toString() : `<${this.className} object: ${names.join(', ')}>`;
  }
}
takesNothing(ForeignObject.prototype, ['stateDict']);

/** The items of a dictionary, in either form. */
function* entriesOf(dictionary: unknown): Generator<[name: string, value: unknown]> {
  if (dictionary instanceof Map) {
    for (const [name, value] of dictionary) yield [String(name), value];
  } else if (typeof dictionary === 'object' && dictionary !== null) yield* Object.entries(dictionary);
}

/** Whether Python's `nn.Module` has made this: its tensors and modules are in dictionaries. */
const isModule = ({ attributes }: ForeignObject) => '_parameters' in attributes && '_modules' in attributes;

function* tensorsOf(object: ForeignObject): Generator<[name: string, tensor: Tensor]> {
  const { attributes } = object;
  const passing = attributes._non_persistent_buffers_set;
  const values = isModule(object)
    ? [...entriesOf(attributes._parameters), ...entriesOf(attributes._buffers)]
    : [...entriesOf(attributes)];
  for (const [name, value] of values)
    if (value instanceof Tensor && !(passing instanceof Set && passing.has(name))) yield [name, value];
}

function* modulesOf(object: ForeignObject): Generator<[name: string, module: ForeignObject]> {
  const { attributes } = object;
  for (const [name, value] of entriesOf(isModule(object) ? attributes._modules : attributes))
    if (value instanceof ForeignObject) yield [name, value];
}
