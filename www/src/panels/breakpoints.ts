// Breakpoints on instructions: a click on a line's number, or F9. They move with the text.
import { RangeSet, StateEffect, StateField, type Extension } from '@codemirror/state';
import { EditorView, GutterMarker, gutterLineClass, keymap, lineNumbers } from '@codemirror/view';

const toggle = StateEffect.define<number>();

class Breakpoint extends GutterMarker {
  override elementClass = 'breakpoint';
}

const MARK = new Breakpoint();

/** `tell` gets the lines, from 1, whenever they are others. `title` is what the line numbers say of themselves. */
export function breakpoints(tell: (lines: readonly number[]) => void): Extension {
  const field = StateField.define<RangeSet<GutterMarker>>({
    create: () => RangeSet.empty,
    update(value, transaction) {
      let next = value.map(transaction.changes);
      for (const effect of transaction.effects) {
        if (!effect.is(toggle)) continue;
        const at = effect.value;
        let there = false;
        next.between(at, at, () => void (there = true));
        next = there ? next.update({ filter: (from) => from !== at }) : next.update({ add: [MARK.range(at)] });
      }
      return next;
    },
    provide: (own) => gutterLineClass.from(own),
  });
  const lines = (view: EditorView): readonly number[] => {
    const found: number[] = [];
    view.state.field(field).between(0, view.state.doc.length, (from) => void found.push(view.state.doc.lineAt(from).number));
    return [...new Set(found)];
  };
  return [
    field,
    lineNumbers({ domEventHandlers: { mousedown: (view, line) => (view.dispatch({ effects: toggle.of(line.from) }), true) } }),
    keymap.of([{ key: 'F9', run: (view) => (view.dispatch({ effects: toggle.of(view.state.doc.lineAt(view.state.selection.main.head).from) }), true) }]),
    EditorView.updateListener.of((update) => {
      if (update.state.field(field) !== update.startState.field(field)) tell(lines(update.view));
    }),
  ];
}
