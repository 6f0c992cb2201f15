/** Calls the library by PyTorch's dotted paths. */
import { exceptions, publicPaths } from './exceptions.js';
import { camelCase, lookUp, Missing } from './library.js';

export type Options = Readonly<Record<string, unknown>>;

type Callable = (...args: readonly unknown[]) => unknown;

/**
 * Calls what PyTorch calls `path`.
 *
 * @param waits whether the device must be waited for: then the asynchronous twin is called where there is one
 */
export function call(path: string, args: readonly unknown[], options: Options, waits: boolean): unknown {
  return prepareCall(path, args, options, waits)();
}

/** Finds what is to be called, so that calling it again takes no more than the call. */
export function prepareCall(
  path: string,
  args: readonly unknown[],
  options: Options,
  waits: boolean,
): () => unknown {
  const exception = exceptions[path];
  if (exception !== undefined)
    return () =>
      exception.call(args, options, (self, name, ...rest) => callMember(self, name, rest, path, waits));
  const given = Object.keys(options).length > 0 ? [...args, options] : args;
  if (!path.startsWith('torch.Tensor.')) {
    const found = ((waits ? twin(path) : null) ?? resolve(path)) as Callable;
    return () => found(...given);
  }
  const [, , name, getter] = path.split('.');
  const member = camelCase(name);
  const [self, ...rest] = given;
  if (getter === undefined) return () => callMember(self, member, rest, path, waits);
  return () => memberOf(self, member, path);
}

function callMember(
  self: unknown,
  name: string,
  args: readonly unknown[],
  path: string,
  waits: boolean,
): unknown {
  const found = waits ? (self as Record<string, unknown>)[`${name}Async`] : undefined;
  return ((found ?? memberOf(self, name, path)) as Callable).call(self, ...args);
}

function memberOf(self: unknown, name: string, path: string): unknown {
  const member = (self as Record<string, unknown>)[name];
  if (member === undefined) throw new Missing(`${path} is missing`);
  return member;
}

/** The function of a path. What is internal in PyTorch stands at the top level, without its overload. */
function resolve(path: string, suffix = ''): unknown {
  const internal = /^torch\.ops\.aten\.(\w+)/.exec(path);
  const parts = internal ? [internal[1]] : (publicPaths[path] ?? path).split('.').slice(1);
  const names = parts.map(camelCase);
  return lookUp([...names.slice(0, -1), names[names.length - 1] + suffix]);
}

function twin(path: string): Callable | null {
  try {
    return resolve(path, 'Async') as Callable;
  } catch (error) {
    if (error instanceof Missing) return null;
    throw error;
  }
}

/** Whether the library has a function or a member of this path. */
export function exists(path: string, member: (name: string) => boolean): boolean {
  if (path in exceptions) return true;
  if (path.startsWith('torch.Tensor.')) return member(camelCase(path.split('.')[2]));
  try {
    return typeof resolve(path) === 'function';
  } catch {
    return false;
  }
}
