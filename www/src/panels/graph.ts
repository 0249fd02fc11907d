// The stage graph: boxes of steps in SVG of our own, lit by the clock; the same as a nested list for screen readers.
import type { App } from '../app';
import { lengthOf, progressOf, stageState } from '../model/playback';
import type { State } from '../model/state';
import { bytes, seconds } from '../model/units';
import { TEXTS, type Texts } from '../i18n/texts';
import { fill, h, svg } from '../ui/dom';
import { rich } from '../ui/rich';
import { clip, place, HEAD, ROW, WIDTH, type Placed } from './graph-layout';
import { boxes, stateOf, type Box, type Row } from './graph-model';

const GLYPH: Readonly<Record<string, string>> = { waiting: '○', running: '◐', ran: '✓', cached: '●', failed: '✕', canceled: '⊘', skipped: '–' };

export function graphPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'graph' });
  let light: (state: State) => void = () => undefined;
  app.store.watch((state) => [shownBuild(state), shownBuild(state) ? undefined : state.analysis, shownBuild(state) ? undefined : state.forecast, state.lang], (state) => {
    const texts = TEXTS[state.lang];
    const found = boxes(state);
    const drawn = draw(app, found, texts);
    const list = h('ul', { class: 'sr', 'aria-label': texts.graph });
    const hint = !state.build ? texts.empty : state.edited ? texts.plan : undefined;
    fill(panel, hint && h('p', { class: found.length > 0 ? 'hint' : 'empty' }, h('span', null, rich(hint))), found.length > 0 && drawn.picture, list);
    light = (now) => {
      drawn.light(now);
      fill(list, found.map((box) => listItem(box, now, texts)));
    };
    light(state);
  });
  app.store.watch((state) => [state.now?.key, state.step, state.hover, state.line], (state) => light(state));
  app.store.watch((state) => [state.at], (state) => {
    for (const bar of panel.querySelectorAll<SVGRectElement>('.row.running .progress')) {
      const step = state.build?.steps.find((candidate) => String(candidate.id) === bar.dataset['step']);
      bar.setAttribute('width', String(step ? progressOf(step, state.at) * (WIDTH - 12) : 0));
    }
  });
  return panel;
}

/** The build that the picture shows: none while the files differ from it. */
function shownBuild(state: State): unknown {
  return state.edited ? undefined : state.build;
}

interface Drawn {
  readonly picture: Element;
  light(state: State): void;
}

function draw(app: App, found: readonly Box[], texts: Texts): Drawn {
  if (found.length === 0) return { picture: svg('svg'), light: () => undefined };
  const placed = place(found);
  const lights: ((state: State) => void)[] = [];
  const edges = placed.edges.map((edge) => {
    const path = svg('path', { d: edge.path, 'marker-end': 'url(#arrow)' });
    lights.push((state) => path.setAttribute('class', `edge ${edge.kind}${[edge.from, edge.to].some((box) => box && stateOfBox(box, state) === 'skipped') ? ' skipped' : ''}`));
    return path;
  });
  const nodes = placed.boxes.map((node) => stage(app, node, texts, lights));
  const picture = svg(
    'svg',
    { viewBox: `0 0 ${placed.width} ${placed.height}`, style: `max-width:${placed.width * 1.25}px`, 'aria-hidden': 'true' },
    svg('defs', null, svg('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, svg('path', { class: 'head', d: 'M0 0L8 4L0 8z' }))),
    edges,
    nodes,
  );
  return { picture, light: (state) => lights.forEach((one) => one(state)) };
}

function stage(app: App, node: Placed, texts: Texts, lights: ((state: State) => void)[]): Element {
  const { box } = node;
  const frame = svg('rect', { class: 'frame', width: WIDTH, height: node.height, rx: 9 });
  const sub = svg('text', { class: 'base', x: 12, y: 34 }, box.stage && !box.stage.needed ? texts.skipped : clip(box.subtitle, 34));
  const group = svg('g', { transform: `translate(${node.x} ${node.y})` }, frame, svg('text', { class: 'name', x: 12, y: 19 }, clip(box.title, box.stage?.isTarget ? 22 : 30)), box.stage?.isTarget && svg('text', { class: 'aim', x: WIDTH - 10, y: 19 }, `◎ ${texts.target}`), sub, box.rows.map((row, index) => step(app, row, index, texts, lights)));
  if (box.image) {
    group.addEventListener('click', () => app.show('layers'));
    lights.push((state) => group.setAttribute('class', `stage image${state.build && state.at >= state.build.durationMs ? ' there' : ''}`));
  } else lights.push((state) => group.setAttribute('class', `stage ${stateOfBox(box, state)}`));
  return group;
}

function step(app: App, row: Row, index: number, texts: Texts, lights: ((state: State) => void)[]): Element {
  const { view } = row;
  const glyph = svg('text', { class: 'glyph', x: 12, y: 15 });
  const figure = svg('text', { class: 'figure', x: WIDTH - 10, y: 15 });
  const title = svg('title');
  const progress = svg('rect', { class: 'progress', x: 6, y: ROW - 3, height: 2, 'data-step': view?.id, width: 0 });
  const group = svg(
    'g',
    {
      transform: `translate(0 ${HEAD + index * ROW})`,
      onclick: () => (view ? app.selectStep(view.id) : app.selectLine(row.line)),
      onpointerenter: () => app.hover(view?.id),
      onpointerleave: () => app.hover(undefined),
    },
    title,
    svg('rect', { class: 'back', x: 4, y: 0, width: WIDTH - 8, height: ROW, rx: 4 }),
    progress,
    glyph,
    svg('text', { x: 30, y: 15 }, clip(row.text, view || row.figure ? 23 : 30)),
    figure,
  );
  lights.push((state) => {
    const now = stateOf(row, state);
    const chosen = view ? view.id === state.step : row.line > 0 && row.line === state.line;
    group.setAttribute('class', `row ${now}${chosen ? ' chosen' : ''}${view && view.id === state.hover ? ' hovered' : ''}`);
    glyph.textContent = GLYPH[now] ?? '';
    const length = view && lengthOf(view);
    figure.textContent = view ? (now === 'cached' ? texts.cached : now === 'ran' && length !== undefined && length >= 50 ? seconds(length) : '') : row.figure;
    title.textContent = [row.text, texts[now], length !== undefined && now === 'ran' && seconds(length), view?.size && bytes(view.size)].filter(Boolean).join(' · ');
  });
  return group;
}

function stateOfBox(box: Box, state: State): string {
  if (box.stage && !box.stage.needed) return 'skipped';
  if (!box.stage || !box.build) return 'waiting';
  const now = box.build === state.build ? state.now : box.last;
  return now ? stageState(box.build, now, box.stage.index) : 'waiting';
}

function listItem(box: Box, state: State, texts: Texts): Element {
  const name = (word: string) => (texts as Readonly<Record<string, string>>)[word] ?? word;
  return h('li', null, `${box.title}: ${box.image ? box.subtitle : name(stateOfBox(box, state))}`, box.rows.length > 0 && h('ol', null, box.rows.map((row) => h('li', null, `${row.text}: ${texts[stateOf(row, state)]}`))));
}
