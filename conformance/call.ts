/** Calls the library by PyTorch's dotted paths. */
import { exceptions } from './exceptions.js';
import { camelCase, lookUp, Missing } from './library.js';

export type Options = Readonly<Record<string, unknown>>;

/** Calls what PyTorch calls `path`. */
export function call(path: string, args: readonly unknown[], options: Options): unknown {
  const exception = exceptions[path];
  if (exception !== undefined) return exception.call(args, options);
  const given = Object.keys(options).length > 0 ? [...args, options] : args;
  if (path.startsWith('torch.Tensor.')) return callMember(path, given);
  return (resolve(path) as (...args: readonly unknown[]) => unknown)(...given);
}

function callMember(path: string, [self, ...rest]: readonly unknown[]): unknown {
  const [, , name, getter] = path.split('.');
  const member = (self as Record<string, unknown>)[camelCase(name)];
  if (member === undefined) throw new Missing(`${path} is missing`);
  return getter === undefined ? (member as (...args: unknown[]) => unknown).call(self, ...rest) : member;
}

/** The function of a path. What is internal in PyTorch stands at the top level, without its overload. */
function resolve(path: string): unknown {
  const internal = /^torch\.ops\.aten\.(\w+)/.exec(path);
  const parts = internal ? [internal[1]] : path.split('.').slice(1);
  return lookUp(parts.map(camelCase));
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
