// The editor: one CodeMirror, a state a file. Colours, remarks, completion, hovers and forecast marks all come from the engine.
import { autocompletion, closeBrackets, completionKeymap, type CompletionContext } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { forEachDiagnostic, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState, RangeSet, StateEffect, StateField, type Extension, type Range } from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutter, highlightActiveLine, hoverTooltip, keymap, lineNumbers, type DecorationSet } from '@codemirror/view';
import type { App } from '../app';
import type { Analysis, Remark } from '../engine/pkg/bottleship.js';
import { lengthOf, stepAtLine } from '../model/playback';
import { bytes, seconds } from '../model/units';
import { whyText } from '../i18n/why';
import { TEXTS } from '../i18n/texts';
import { h } from '../ui/dom';
import { rich } from '../ui/rich';
import { breakpoints } from './breakpoints';

const setTokens = StateEffect.define<DecorationSet>();
const setLines = StateEffect.define<DecorationSet>();
const setMarks = StateEffect.define<RangeSet<GutterMarker>>();
const setFigures = StateEffect.define<RangeSet<GutterMarker>>();

const markers = (effect: typeof setMarks) =>
  StateField.define<RangeSet<GutterMarker>>({
    create: () => RangeSet.empty,
    update: (value, transaction) => transaction.effects.reduce((next, found) => (found.is(effect) ? found.value : next), value.map(transaction.changes)),
  });

const decorations = (effect: typeof setTokens) =>
  StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update: (value, transaction) => transaction.effects.reduce((next, found) => (found.is(effect) ? found.value : next), value.map(transaction.changes)),
    provide: (field) => EditorView.decorations.from(field),
  });

class Mark extends GutterMarker {
  constructor(
    readonly kind: string,
    readonly label: string,
  ) {
    super();
  }
  override eq(other: Mark): boolean {
    return other.kind === this.kind && other.label === this.label;
  }
  override toDOM(): Node {
    return h('span', { class: `mark ${this.kind}`, title: this.label, role: 'img', 'aria-label': this.label });
  }
}

/** What a line cost, or would: at the right of it. */
class Figure extends GutterMarker {
  constructor(
    readonly text: string,
    readonly kind: string,
  ) {
    super();
  }
  override eq(other: Figure): boolean {
    return other.text === this.text && other.kind === this.kind;
  }
  override toDOM(): Node {
    return h('span', { class: `figure ${this.kind}` }, this.text);
  }
}

interface Said {
  readonly from: number;
  readonly mark: Mark;
  readonly figure: Figure | undefined;
}

export function editorPanel(app: App, root: ShadowRoot): HTMLElement {
  const { store } = app;
  const host = h('div', { class: 'code' });
  const states = new Map<string, EditorState>();
  let shown = '';

  const marksField = markers(setMarks);
  const figuresField = markers(setFigures);

  const dockerfileOnly: Extension = [
    decorations(setTokens),
    marksField,
    gutter({ class: 'forecast', markers: (view) => view.state.field(marksField), initialSpacer: () => new Mark('none', '') }),
    figuresField,
    gutter({ class: 'figures', side: 'after', markers: (view) => view.state.field(figuresField), initialSpacer: () => new Figure('0.0 s · +00.0MB', 'none') }),
    EditorView.domEventHandlers({
      mousemove: (event, target) => {
        const pos = target.posAtCoords({ x: event.clientX, y: event.clientY });
        const { build, edited } = store.get();
        app.hover(pos === null || !build || edited ? undefined : stepAtLine(build.steps, target.state.doc.lineAt(pos).number)?.id);
      },
      mouseleave: () => app.hover(undefined),
    }),
    autocompletion({
      override: [
        async (context: CompletionContext) => {
          const found = await app.engine.call('complete', 'Dockerfile', context.pos);
          const first = found[0];
          if (!first) return null;
          return { from: first.from, options: found.map((item) => ({ label: item.label, detail: item.detail, apply: item.insert, type: item.kind })) };
        },
      ],
    }),
    hoverTooltip(async (_view, pos) => {
      const found = await app.engine.call('hover', 'Dockerfile', pos, store.get().buildLine);
      if (!found) return null;
      return { pos: found.range.from, end: found.range.to, create: () => ({ dom: h('div', { class: 'hover' }, h('strong', null, found.title), h('p', null, rich(found.text))) }) };
    }),
  ];

  const extensions = (path: string): Extension => [
    path === 'Dockerfile' ? [breakpoints((lines) => app.breakAt(lines)), dockerfileOnly] : lineNumbers(),
    decorations(setLines),
    history(),
    closeBrackets(),
    highlightActiveLine(),
    EditorView.lineWrapping,
    keymap.of([{ key: 'Mod-.', run: quickFix }, ...completionKeymap, ...lintKeymap, ...defaultKeymap.filter((binding) => binding.key !== 'Mod-Enter'), ...historyKeymap, indentWithTab]),
    EditorView.contentAttributes.of({ 'aria-label': path }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && shown === path) app.write(path, update.state.doc.toString());
      if (update.selectionSet && path === 'Dockerfile' && view.hasFocus) app.selectLine(update.state.doc.lineAt(update.state.selection.main.head).number);
    }),
  ];

  // Nothing can be typed before there is a project to type into.
  const view = new EditorView({ parent: host, root, extensions: EditorView.editable.of(false) });

  async function open(path: string): Promise<void> {
    if (shown === path) return;
    if (shown) states.set(shown, view.state);
    shown = path;
    const state = states.get(path) ?? EditorState.create({ doc: path === 'Dockerfile' ? store.get().dockerfile : await app.read(path), extensions: extensions(path) });
    if (shown === path) view.setState(state);
    decorate();
  }

  function decorate(): void {
    const { analysis, build, at, line, hover } = store.get();
    if (shown !== 'Dockerfile') return;
    const { doc } = view.state;
    const lineAt = (number: number) => (number >= 1 && number <= doc.lines ? doc.line(number).from : undefined);
    const lines: Range<Decoration>[] = [];
    const step = build && stepAtLine(build.steps, line);
    const under = build?.steps.find((candidate) => candidate.id === hover && !candidate.internal);
    const within = (number: number, range: { readonly firstLine: number; readonly lastLine: number } | null | undefined) => range != null && number >= range.firstLine && number <= range.lastLine;
    for (let number = 1; number <= doc.lines; number++) {
      const failed = build && at >= build.durationMs && within(number, build.error);
      const chosen = line > 0 && (step ? within(number, step) : number === line);
      const name = [failed && 'line-failed', chosen && 'line-chosen', within(number, under) && 'line-hovered'].filter(Boolean).join(' ');
      const from = name ? lineAt(number) : undefined;
      if (from !== undefined) lines.push(Decoration.line({ class: name }).range(from));
    }
    const saying = said(lineAt);
    const figures = saying.flatMap(({ from, figure }) => figure?.range(from) ?? []);
    view.dispatch({ effects: [setLines.of(Decoration.set(lines)), setMarks.of(RangeSet.of(saying.map(({ from, mark }) => mark.range(from)), true)), setFigures.of(RangeSet.of(figures, true)), ...(analysis ? [setTokens.of(tokens(analysis, doc.length))] : [])] });
  }

  /** The marks and figures of the lines: of the build at the clock's time, or of the forecast once something was edited. */
  function said(lineAt: (line: number) => number | undefined): readonly Said[] {
    const { forecast, build, now, edited, lang } = store.get();
    const words = TEXTS[lang];
    const found = new Map<number, Said>();
    if (build && now && !edited) {
      for (const step of build.steps) {
        const state = now.steps.get(step.id) ?? 'waiting';
        const from = step.internal ? undefined : lineAt(step.firstLine);
        if (from === undefined || found.get(from)?.mark.kind === 'failed') continue;
        const length = lengthOf(step) ?? 0;
        const facts = state === 'ran' ? [length >= 50 && seconds(length), step.size != null && step.size > 0 && `+${bytes(step.size)}`] : state === 'cached' ? [words.cached] : [];
        const text = facts.filter(Boolean).join(' · ');
        found.set(from, { from, mark: new Mark(state, words[state]), figure: text ? new Figure(text, state) : undefined });
      }
      return [...found.values()];
    }
    for (const step of forecast?.steps ?? []) {
      const from = step.stage === undefined ? undefined : lineAt(step.firstLine);
      if (from === undefined || step.outlook === 'never') continue;
      const kind = step.outlook === 'cached' ? 'cached' : step.outlook === 'fails' ? 'failed' : 'runs';
      const label = { cached: words.forecastCached, failed: words.forecastFails, runs: words.forecastRuns }[kind];
      const why = step.error ?? (kind === 'runs' && step.why ? whyText(step.why, forecast?.steps.indexOf(step) ?? 0, (id) => forecast?.steps[id]?.name, lang) : '');
      const facts = kind === 'cached' ? [words.cached] : [step.ms >= 50 && `~${seconds(step.ms)}`, step.bytes > 0 && `+${bytes(step.bytes)}`];
      const text = facts.filter(Boolean).join(' · ');
      found.set(from, { from, mark: new Mark(kind, [label, why].filter(Boolean).join(': ')), figure: text ? new Figure(text, kind) : undefined });
    }
    return [...found.values()];
  }

  function lint(analysis: Analysis | undefined): void {
    if (shown !== 'Dockerfile' || !analysis) return;
    const { length } = view.state.doc;
    const within = (place: number) => Math.min(place, length);
    const remarks: Diagnostic[] = analysis.remarks.map((remark) => {
      const { fix } = remark;
      const from = within(remark.range.from);
      return {
        from,
        to: Math.max(from, within(remark.range.to)),
        severity: remark.severity,
        message: remark.message,
        renderMessage: () => explained(remark),
        actions: fix ? [{ name: fix.title, apply: (target: EditorView) => target.dispatch({ changes: fix.changes.map(({ from, to, insert }) => ({ from, to, insert })) }) }] : [],
      };
    });
    view.dispatch(setDiagnostics(view.state, remarks));
  }

  app.onReplace((text) => {
    void open('Dockerfile').then(() => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }));
    states.clear();
  });
  store.watch((state) => [state.busy, state.open], (state) => void (state.busy === '' && open(state.open)));
  store.watch((state) => [state.analysis], (state) => {
    decorate();
    lint(state.analysis);
  });
  store.watch((state) => [state.build, state.forecast, state.line, state.hover, state.edited, state.now?.key, state.build && state.at >= state.build.durationMs, state.lang], decorate);
  return host;
}

function tokens(analysis: Analysis, length: number): DecorationSet {
  const fit = analysis.tokens.filter((token) => token.from < token.to && token.to <= length);
  return Decoration.set(fit.map((token) => Decoration.mark({ class: `tok-${token.kind}` }).range(token.from, token.to)), true);
}

/** A remark with its rule and what the rule is about. */
function explained(remark: Remark): HTMLElement {
  const rule = remark.rule === undefined ? null : remark.url ? h('a', { href: remark.url, target: '_blank', rel: 'noreferrer' }, remark.rule) : h('strong', null, remark.rule);
  return h('div', { class: 'remark' }, h('p', null, remark.message), (rule || remark.description) && h('p', { class: 'note' }, rule, rule && remark.description && ': ', remark.description));
}

/** Applies the first fix that there is for the cursor's line. */
function quickFix(view: EditorView): boolean {
  const { from, to } = view.state.doc.lineAt(view.state.selection.main.head);
  let done = false;
  forEachDiagnostic(view.state, (diagnostic, start, end) => {
    const action = diagnostic.actions?.[0];
    if (done || !action || start > to || end < from) return;
    done = true;
    action.apply(view, start, end);
  });
  return done;
}
