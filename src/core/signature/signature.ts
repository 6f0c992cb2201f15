/** Signatures of classes and functions that are no ops: written once in PyTorch's notation, bound as Python binds. */
import { TypeError, unexpectedKeyword } from '../errors.js';
import { isPlainObject } from '../plain.js';
import { PyFloat } from '../pyfloat.js';
import { typeName } from '../repr.js';
import type { Bound, InOrder, Signed } from './argument_types.js';
import { parseSignature, type SignatureParameter } from './notation.js';
import { convert, describeType, MISMATCH, takesObjects } from './parameter_types.js';

export type { Arguments } from './argument_types.js';

/** Which of the bound numbers are Python's floats though their values may be whole: by default, or by `torch.pyfloat`. */
export const floats = Symbol('floats');

interface Parsed {
  readonly name: string;
  readonly parameters: readonly SignatureParameter[];
  /** How many can be given by position. */
  readonly positional: number;
  /** The parameter that takes all further positions. */
  readonly variadic: SignatureParameter | null;
}

/** Binds arguments, given by position or by name, to parameters. */
export class Signature<const S extends string> implements Signed<S> {
  #parsed: Parsed | null = null;

  constructor(readonly source: S) {}

  /** Parsed when first needed: a program uses few of all signatures. */
  private get parsed(): Parsed {
    if (this.#parsed === null) {
      const { name, parameters } = parseSignature(this.source);
      this.#parsed = {
        name,
        parameters,
        positional: parameters.filter((p) => !p.keywordOnly && !p.variadic).length,
        variadic: parameters.find((p) => p.variadic) ?? null,
      };
    }
    return this.#parsed;
  }

  /** The name in error texts. */
  get name(): string {
    return this.parsed.name;
  }

  get parameters(): readonly SignatureParameter[] {
    return this.parsed.parameters;
  }

  /**
   * The arguments by name: those of the caller, else the defaults.
   *
   * @param owner the name in error texts, where several classes share the signature
   * @throws TypeError in Python's words for arguments that are missing, unknown, given twice or of another type
   */
  bind(args: readonly unknown[], owner: string = this.name): Bound<S> {
    const { parameters, positional, variadic } = this.parsed;
    let given = args.length;
    while (given > 0 && args[given - 1] === undefined) given--;
    let options: Readonly<Record<string, unknown>> | null = null;
    const last = args[given - 1];
    if (isPlainObject(last) && this.holdsNames(last, given - 1)) {
      options = last;
      given--;
      this.checkNames(options, args, given, owner);
    }
    if (given > positional && variadic === null) throw this.tooMany(given, owner);
    const floatNames = new Set<string>();
    // Arguments that another signature has bound, as a subclass's, tell their floats.
    const toldFloats =
      options === null ? undefined : (Reflect.get(options, floats) as ReadonlySet<string> | undefined);
    const bound: Record<string | symbol, unknown> = { [floats]: floatNames };
    const missing: SignatureParameter[] = [];
    for (const [i, parameter] of parameters.entries()) {
      const { camel } = parameter;
      if (parameter.variadic) {
        bound[camel] = args
          .slice(positional, given)
          .map((arg, j) => this.fit(parameter, arg, positional + j, owner));
        continue;
      }
      const isPositional = i < positional && i < given && args[i] !== undefined;
      const value = isPositional ? args[i] : options?.[camel];
      if (value !== undefined) {
        bound[camel] = this.fit(parameter, value, isPositional ? i : -1, owner);
        if (value instanceof PyFloat || (!isPositional && toldFloats?.has(camel))) floatNames.add(camel);
      } else if (parameter.optional) {
        // Converted anew each time, so that nothing that is made shares a list with another.
        bound[camel] = parameter.default === null ? null : convert(parameter, parameter.default);
        if (parameter.floatDefault) floatNames.add(camel);
      } else missing.push(parameter);
    }
    if (missing.length > 0) throw this.missing(missing, owner);
    return bound as Bound<S>;
  }

  /**
   * The arguments in the parameters' order, as they are: what they are handed on to checks them.
   *
   * @param owner whose method it is, for error texts
   */
  inOrder(args: readonly unknown[], owner: object): InOrder<S> {
    const { name, parameters, positional } = this.parsed;
    const last = args[args.length - 1];
    if (args.length === positional && last !== undefined && !isPlainObject(last)) return args as InOrder<S>;
    const title = `${owner.constructor.name}.${name}`;
    const options = isPlainObject(last) ? last : null;
    const given = args.length - (options === null ? 0 : 1);
    if (options !== null) this.checkNames(options, args, given, title);
    if (given > positional) throw this.tooMany(given, title);
    const missing: SignatureParameter[] = [];
    const values = parameters.map((parameter, i) => {
      const value = i < given && args[i] !== undefined ? args[i] : options?.[parameter.camel];
      if (value !== undefined) return value;
      if (!parameter.optional) missing.push(parameter);
      return parameter.default;
    });
    if (missing.length > 0) throw this.missing(missing, title);
    return values as readonly unknown[] as InOrder<S>;
  }

  /** The arguments by position: null defaults are left to the body. */
  listed(args: readonly unknown[]): unknown[] {
    const bound = this.bind(args) as Readonly<Record<string, unknown>>;
    return this.parameters.flatMap((p) => {
      const value = bound[p.camel];
      return p.variadic ? value : [value === null && p.default === null ? undefined : value];
    });
  }

  /** One value as the parameter of this name would take it; any value where there is no such parameter. */
  fitNamed(name: string, value: unknown, owner: string): unknown {
    const parameter = this.parameters.find((p) => p.camel === name);
    return parameter === undefined ? value : this.fit(parameter, value, -1, owner);
  }

  /** Whether a plain object at this position holds arguments by name, and is not itself one. */
  private holdsNames(object: Readonly<Record<string, unknown>>, position: number): boolean {
    const { parameters, positional, variadic } = this.parsed;
    const there = position < positional ? parameters[position] : variadic;
    if (there === null || !takesObjects(there)) return true;
    const named = object[there.camel];
    return Object.hasOwn(object, there.camel) && convert(there, named) !== MISMATCH;
  }

  private checkNames(
    options: Readonly<Record<string, unknown>>,
    args: readonly unknown[],
    given: number,
    owner: string,
  ): void {
    const { parameters, positional } = this.parsed;
    for (const name of Object.keys(options)) {
      const i = parameters.findIndex((p) => p.camel === name && !p.variadic);
      if (i < 0)
        throw unexpectedKeyword(
          owner,
          name,
          parameters.filter((p) => !p.variadic).map((p) => p.camel),
        );
      if (i < given && i < positional && args[i] !== undefined)
        throw new TypeError(`${owner}() got multiple values for argument '${name}'`);
    }
  }

  private fit(parameter: SignatureParameter, value: unknown, position: number, owner: string): unknown {
    const converted = convert(parameter, value);
    if (converted !== MISMATCH) return converted;
    const where = position < 0 ? '' : ` (position ${position + 1})`;
    throw new TypeError(
      `${owner}(): argument '${parameter.camel}'${where} must be ${describeType(parameter)}, not ${describeValue(value)}`,
    );
  }

  private missing(missing: readonly SignatureParameter[], owner: string): TypeError {
    const names = missing.map((p) => `'${p.camel}'`);
    const listed =
      names.length > 2 ? `${names.slice(0, -1).join(', ')}, and ${names.at(-1)}` : names.join(' and ');
    const kind = missing[0].keywordOnly ? 'keyword-only' : 'positional';
    return new TypeError(
      `${owner}() missing ${names.length} required ${kind} argument${names.length === 1 ? '' : 's'}: ${listed}`,
    );
  }

  private tooMany(given: number, owner: string): TypeError {
    const { parameters, positional } = this.parsed;
    const required = parameters.filter((p) => !p.optional && !p.keywordOnly).length;
    const range = required === positional ? String(positional) : `from ${required} to ${positional}`;
    return new TypeError(
      `${owner}() takes ${range} positional argument${positional === 1 ? '' : 's'} but ${given} ${given === 1 ? 'was' : 'were'} given`,
    );
  }
}

/** Reads a signature: `signature('Linear(int in_features, int out_features, bool bias=True)')`. */
export function signature<const S extends string>(source: S): Signature<S> {
  return new Signature(source);
}

/** A wrong value: its type, and for what cannot be told by that itself. */
function describeValue(value: unknown): string {
  if (typeof value !== 'number') return typeName(value);
  return Number.isSafeInteger(value) ? 'int' : `float (${value})`;
}
