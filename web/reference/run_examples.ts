/** Runs the reference's examples for the pages of the documentation, which load this when the first of them is to run. */
import { compile } from '../snippets/compile.js';
import type { Failure, Reply } from '../worker/messages.js';
import { Session } from '../worker/session.js';

/** What a page shows of a run. */
export interface Shown {
  print(text: string): void;
  done(): void;
  fail(text: string): void;
}

/** Entries that an example may name beside the library and its vision. */
const further =
  /\b(distributed|einops|metrics|trainer|tables|tensorboard|torchinfo|charts|convert|python)\./g;

/** What all examples begin with. */
function preamble(code: string): string {
  const names = new Set([...code.matchAll(further)].map(([, name]) => name));
  return [
    'const { nn } = torch, F = torch.nn.functional;',
    ...[...names].map((name) => `const ${name} = await entry('${name}');`),
    'torch.manualSeed(0); torch.setDefaultDevice("cpu"); torch.setDefaultDtype(torch.float32);',
  ].join(' ');
}

const textOf = ({ name, message, line }: Failure): string =>
  `${name}: ${message}${line === null ? '' : ` (line ${line})`}`;

const running = new Map<number, Shown>();
let count = 0;
const session = new Session(hear, (message) => {
  for (const shown of running.values()) shown.fail(`The library could not be started: ${message}`);
  running.clear();
  session.end();
});

/** Runs a program of the reference; what it prints is shown as it comes. */
export function run(code: string, shown: Shown): void {
  const first = 2 * count++;
  const silent: Shown = { print() {}, done() {}, fail: (text) => shown.fail(text) };
  try {
    const compiled = [compile(preamble(code)), compile(code)];
    for (const [i, one] of compiled.entries()) {
      running.set(first + i, i === 0 ? silent : shown);
      session.send({ kind: 'run', snippet: first + i, compiled: one });
    }
  } catch (error) {
    shown.fail((error as Error).message);
  }
}

function hear(reply: Reply): void {
  if (reply.kind !== 'output' && reply.kind !== 'done' && reply.kind !== 'failed') return;
  const shown = running.get(reply.snippet);
  if (shown === undefined) return;
  if (reply.kind === 'output') {
    if (reply.output.kind === 'text') shown.print(reply.output.text);
    else if (reply.output.kind === 'late') shown.fail(textOf(reply.output.failure));
    return;
  }
  running.delete(reply.snippet);
  if (reply.kind === 'done') shown.done();
  else shown.fail(textOf(reply.failure));
}
