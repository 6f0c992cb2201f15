/** Runs the reference's examples one by one: each in a scope of its own, as pages run snippets, and catches what it prints. */
import { shown } from '../examples/blitz/shown.js';
import { compile } from '../web/snippets/compile.js';
import { Scope } from '../web/snippets/scope.js';

/** The part of the library that an example needs to begin anew. */
interface Torch {
  readonly nn: { readonly functional: object };
  readonly float32: unknown;
  manualSeed(seed: number): unknown;
  setDefaultDtype(dtype: never): void;
  setDefaultDevice(device: string): void;
  setGradEnabled(mode: boolean): unknown;
}

/** The library's entries by their names: `torch` for the library itself, `torchvision`, `metrics`, … */
export type Namespaces = Readonly<Record<string, object>> & { readonly torch: object };

/** Runs an example's code and gives what it prints, line by line, the last line's value included. */
export async function runExample(code: string, namespaces: Namespaces): Promise<string> {
  const torch = namespaces.torch as Torch;
  return (await runInTurn([code], { ...namespaces, nn: torch.nn, F: torch.nn.functional }, {}))[0];
}

/** Runs the snippets of a page, which share their variables, and gives what each prints; `beside` is what their console has besides. */
export async function runPage(
  snippets: readonly string[],
  namespaces: Namespaces,
  beside: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  return runInTurn(snippets, {}, beside, {
    flambeau: namespaces.torch,
    'flambeau/vision': namespaces.torchvision,
  });
}

async function runInTurn(
  snippets: readonly string[],
  given: Readonly<Record<string, unknown>>,
  beside: Readonly<Record<string, unknown>>,
  imported: Readonly<Record<string, object>> = {},
): Promise<string[]> {
  begin((given.torch ?? imported.flambeau) as Torch);
  let lines: string[] = [];
  const print = (...values: unknown[]) => void lines.push(values.map(shown).join(' '));
  const scope = new Scope(
    { ...given, console: { ...console, log: print, warn: print, ...beside } },
    imported,
  );
  const printed: string[] = [];
  for (const [i, code] of snippets.entries()) {
    lines = [];
    const value = await scope.run(compile(code), i);
    if (value !== undefined) print(value);
    printed.push(lines.join('\n'));
  }
  return printed;
}

/** Sets back what earlier programs may have left. */
function begin(torch: Torch): void {
  torch.manualSeed(0);
  torch.setDefaultDtype(torch.float32 as never);
  torch.setDefaultDevice('cpu');
  torch.setGradEnabled(true);
}
