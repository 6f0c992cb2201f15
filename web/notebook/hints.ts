/** What an editor of a cell shows of types: completions, explanations, and mistakes. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { type Diagnostic, linter, lintKeymap } from '@codemirror/lint';
import { type Extension, StateEffect } from '@codemirror/state';
import { type EditorView, hoverTooltip, keymap } from '@codemirror/view';
import { element } from '../page/element.js';
import type { Types } from '../types/client.js';
import type { Explanation } from '../types/messages.js';

/** Kinds of the compiler's by the names of the editor's pictures. */
const kinds: Readonly<Record<string, string>> = {
  const: 'constant',
  let: 'variable',
  var: 'variable',
  'local var': 'variable',
  getter: 'property',
  'local function': 'function',
  module: 'namespace',
  alias: 'namespace',
  'type parameter': 'type',
};
const delay = 400;
const othersChanged = StateEffect.define();

/** Lets an editor look for mistakes again, since other cells have changed. */
export function checkAgain(view: EditorView): void {
  view.dispatch({ effects: othersChanged.of(null) });
}

/** @param place where the cell stands among those that are code, or -1 when it is gone */
export function hints(types: Types, place: () => number): Extension[] {
  async function complete(context: CompletionContext): Promise<CompletionResult | null> {
    const word = context.matchBefore(/[\w$]+/);
    const isMember = context.matchBefore(/\.[\w$]*/) !== null;
    if (!context.explicit && word === null && !isMember) return null;
    const at = context.pos;
    const found = await types.ask({ kind: 'complete', cell: place(), at });
    if (found === null || context.aborted) return null;
    const options = found.options.map(
      ({ label, kind, rank }): Completion => ({
        label,
        type: kinds[kind] ?? kind,
        // The compiler's rank: what stands nearer has the lower one.
        boost: -Number.parseInt(rank, 10) || 0,
        info: async () => {
          const text = await types.ask({ kind: 'describe', cell: place(), at, name: label });
          return text === null ? null : explanationView(text);
        },
      }),
    );
    return { from: found.from, options, validFor: /^[\w$]*$/ };
  }

  async function check(): Promise<readonly Diagnostic[]> {
    // Who only reads does not fetch a compiler.
    if (!types.areWanted) return [];
    const found = await types.ask({ kind: 'check' });
    const cell = place();
    return (found ?? [])
      .filter((finding) => finding.cell === cell)
      .map(({ from, to, message, isError }) => ({
        from,
        to: Math.max(to, from),
        message,
        severity: isError ? 'error' : 'warning',
      }));
  }

  return [
    autocompletion({ override: [complete] }),
    linter(check, {
      delay,
      needsRefresh: ({ transactions }) =>
        transactions.some(({ effects }) => effects.some((effect) => effect.is(othersChanged))),
    }),
    hoverTooltip(async (_, at) => {
      const found = await types.ask({ kind: 'explain', cell: place(), at });
      return found === null
        ? null
        : { pos: found.from, end: found.to, above: true, create: () => ({ dom: explanationView(found) }) };
    }),
    keymap.of(lintKeymap),
  ];
}

function explanationView({ signature, text }: Explanation): HTMLElement {
  return element(
    'div',
    { class: 'explanation' },
    ...(text === '' ? [] : [element('div', { class: 'text' }, text)]),
    element('div', { class: 'signature' }, signature),
  );
}
