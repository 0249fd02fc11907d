// The stage graph: boxes laid out by dagre, drawn as SVG of our own; the same as a nested list for screen readers.
import { Graph, layout } from '@dagrejs/dagre';
import type { App } from '../app';
import type { StageView } from '../engine/pkg/bottleship.js';
import { instructionOf, moment, stageState, type Moment, type StepState } from '../model/playback';
import type { State } from '../model/state';
import { TEXTS, words, type Texts } from '../i18n/texts';
import { fill, h, svg } from '../ui/dom';

interface Row {
  readonly id: number | undefined;
  readonly line: number;
  readonly text: string;
  readonly state: StepState;
}

interface Box {
  readonly stage: StageView;
  readonly title: string;
  readonly state: string;
  readonly rows: readonly Row[];
}

const WIDTH = 236;
const ROW = 21;
const HEAD = 42;
const CHARS = 27;
const GLYPH: Readonly<Record<StepState, string>> = { waiting: '○', running: '◐', ran: '✓', cached: '●', failed: '✕', canceled: '⊘' };

export function graphPanel(app: App): HTMLElement {
  const panel = h('div', { class: 'graph' });
  app.store.watch(
    (state) => [state.build, state.analysis, state.lang, state.step, state.line, state.build && moment(state.build, state.at).steps.size, stateKey(state)],
    (state) => {
      const found = boxes(state);
      if (found.length === 0) fill(panel, h('p', { class: 'empty' }, TEXTS[state.lang].empty));
      else fill(panel, draw(app, state, found), list(state, found));
    },
  );
  return panel;
}

function stateKey(state: State): string {
  return state.build ? [...moment(state.build, state.at).steps.values()].join() : '';
}

function boxes(state: State): readonly Box[] {
  const texts = TEXTS[state.lang];
  const { builds, analysis } = state;
  // A build that failed before it had stages keeps the last good picture.
  const build = state.build && state.build.stages.length === 0 ? builds.findLast((earlier) => earlier.stages.length > 0) : state.build;
  const title = (stage: StageView) => stage.name || words(texts.stage, stage.index);
  if (build) {
    const now: Moment = moment(build, build === state.build ? state.at : build.durationMs);
    return build.stages.map((stage) => ({
      stage,
      title: title(stage),
      state: stageState(build, now, stage.index),
      rows: build.steps.filter((step) => !step.internal && step.stage === stage.index).map((step) => ({ id: step.id, line: step.firstLine, text: instructionOf(step.name), state: now.steps.get(step.id) ?? 'waiting' })),
    }));
  }
  return (analysis?.stages ?? []).map((stage) => ({
    stage,
    title: title(stage),
    state: stage.needed ? 'waiting' : 'skipped',
    rows: (analysis?.steps ?? []).filter((step) => step.stage === stage.index).map((step) => ({ id: undefined, line: step.firstLine, text: instructionOf(step.name), state: step.forecast === 'cached' ? 'cached' : 'waiting' })),
  }));
}

function draw(app: App, state: State, found: readonly Box[]): Element {
  const texts = TEXTS[state.lang];
  const graph = new Graph().setGraph({ rankdir: 'TB', nodesep: 22, ranksep: 34, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of found) graph.setNode(String(box.stage.index), { width: WIDTH, height: HEAD + Math.max(1, box.rows.length) * ROW + 6 });
  for (const box of found) for (const need of box.stage.needs) graph.setEdge(String(need), String(box.stage.index));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const edges = graph.edges().map((edge) => {
    const points = (graph.edge(edge) as { points: readonly { x: number; y: number }[] }).points;
    const live = found.find((box) => String(box.stage.index) === edge.w)?.state !== 'skipped';
    return svg('path', { class: live ? 'edge' : 'edge skipped', d: `M${points.map((point) => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join('L')}`, 'marker-end': 'url(#arrow)' });
  });
  const nodes = found.map((box) => {
    const node = graph.node(String(box.stage.index)) as { x: number; y: number; height: number };
    const rows = box.rows.map((row, index) =>
      svg(
        'g',
        { class: `row ${row.state}${(row.id !== undefined && row.id === state.step) || (row.id === undefined && row.line === state.line) ? ' chosen' : ''}`, transform: `translate(0 ${HEAD + index * ROW})`, onclick: () => (row.id === undefined ? app.selectLine(row.line) : app.selectStep(row.id)) },
        svg('title', null, `${row.text} (${texts[row.state]})`),
        svg('rect', { x: 3, y: 0, width: WIDTH - 6, height: ROW, rx: 4 }),
        svg('text', { class: 'glyph', x: 12, y: 15 }, GLYPH[row.state]),
        svg('text', { x: 30, y: 15 }, row.text.length > CHARS ? `${row.text.slice(0, CHARS - 1)}…` : row.text),
      ),
    );
    return svg(
      'g',
      { class: `stage ${box.state}`, transform: `translate(${node.x - WIDTH / 2} ${node.y - node.height / 2})` },
      svg('rect', { class: 'frame', width: WIDTH, height: node.height, rx: 9 }),
      svg('text', { class: 'name', x: 12, y: 18 }, box.title + (box.stage.isTarget ? ' ◎' : '')),
      svg('text', { class: 'base', x: 12, y: 33 }, box.state === 'skipped' ? texts.skipped : `FROM ${box.stage.base}`),
      rows,
    );
  });
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, style: `max-width:${width * 1.15}px`, 'aria-hidden': 'true' },
    svg('defs', null, svg('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, svg('path', { class: 'head', d: 'M0 0L8 4L0 8z' }))),
    edges,
    nodes,
  );
}

function list(state: State, found: readonly Box[]): Element {
  const texts: Texts = TEXTS[state.lang];
  const name = (word: string) => (texts as Readonly<Record<string, string>>)[word] ?? word;
  return h('ul', { class: 'sr', 'aria-label': texts.graph }, found.map((box) => h('li', null, `${box.title}: ${name(box.state)}`, h('ol', null, box.rows.map((row) => h('li', null, `${row.text}: ${texts[row.state]}`))))));
}
