import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { EditorState, type Extension, Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { hangingLines } from './hanging_lines.js';

// Colours are the style sheet's, so that they follow light and dark.
const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], class: 'tok-keyword' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], class: 'tok-string' },
  { tag: [tags.number, tags.bool, tags.null], class: 'tok-number' },
  { tag: tags.comment, class: 'tok-comment' },
  { tag: [tags.typeName, tags.className], class: 'tok-type' },
  { tag: tags.function(tags.variableName), class: 'tok-function' },
  { tag: tags.function(tags.propertyName), class: 'tok-function' },
]);

export interface EditorOptions {
  readonly text: string;
  /** Its name for screen readers. */
  readonly label: string;
  /** Ctrl+Enter, or Cmd+Enter. */
  onRun(): void;
  /** Shift+Enter. */
  onRunAndGoOn(): void;
  onChange(): void;
  /** Default: TypeScript. */
  readonly language?: Extension;
  /** What else it can do. */
  readonly extensions?: readonly Extension[];
}

/** An editor for programs. Tab leaves it, as it leaves everything else on a page. */
export function editor({
  text,
  label,
  onRun,
  onRunAndGoOn,
  onChange,
  language = javascript({ typescript: true }),
  extensions = [],
}: EditorOptions): EditorView {
  const command = (run: () => void) => () => {
    run();
    return true;
  };
  return new EditorView({
    doc: text,
    extensions: [
      Prec.highest(
        keymap.of([
          { key: 'Mod-Enter', run: command(onRun) },
          { key: 'Shift-Enter', run: command(onRunAndGoOn) },
        ]),
      ),
      ...extensions,
      history(),
      bracketMatching(),
      indentOnInput(),
      EditorState.tabSize.of(2),
      language,
      syntaxHighlighting(highlighting),
      EditorView.lineWrapping,
      hangingLines,
      EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', autocapitalize: 'off' }),
      EditorView.updateListener.of(({ docChanged }) => {
        if (docChanged) onChange();
      }),
      keymap.of([...defaultKeymap, ...historyKeymap]),
    ],
  });
}
