/** The library as the runner sees it: names looked up while it runs, so that what is missing is a failure of a case. */
import * as torch from 'flambeau';

export { torch };

/** The error for something that the library does not have. */
export class Missing extends Error {
  override name = 'Missing';
}

/** A name of the public namespace, also in a submodule: `nn.functional.relu`. */
export function lookUp(path: readonly string[]): unknown {
  let found: unknown = torch;
  for (const name of path) {
    found = (found as Record<string, unknown>)[name];
    if (found === undefined || found === null) throw new Missing(`torch.${path.join('.')} is missing`);
  }
  return found;
}

export function dtypeNamed(name: string): torch.DType {
  return lookUp([name]) as torch.DType;
}

/** PyTorch's name in JavaScript: `log_softmax` → `logSoftmax`, `index_put_` → `indexPut_`. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
