import { RangeSetBuilder } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { hangingIndent } from './hanging_indent.js';

function decorate({ state, visibleRanges }: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const range of visibleRanges)
    for (let at = range.from; at <= range.to; ) {
      const { from, to, text } = state.doc.lineAt(at);
      builder.add(from, from, Decoration.line({ attributes: { style: hangingIndent(text) } }));
      at = to + 1;
    }
  return builder.finish();
}

/** Lines that are too long go on below their own beginning, so that they still look like the code's. */
export const hangingLines = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = decorate(view);
    }

    update({ view, docChanged, viewportChanged }: ViewUpdate): void {
      if (docChanged || viewportChanged) this.decorations = decorate(view);
    }
  },
  { decorations: ({ decorations }) => decorations },
);
