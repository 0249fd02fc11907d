// What the stage graph is made of: a box a stage with its steps, and the image that comes out.
import type { Analysis, BuildView, ForecastStep, ForecastView, OutlookView, StageView, StepView } from '../engine/pkg/bottleship.js';
import { instructionOf, moment, stepsOf, type Moment, type StepState } from '../model/playback';
import type { State } from '../model/state';
import { bytes, seconds } from '../model/units';
import { TEXTS, words } from '../i18n/texts';

export interface Row {
  readonly line: number;
  readonly text: string;
  /** The step of a build; absent in a plan. */
  readonly view: StepView | undefined;
  readonly build: BuildView | undefined;
  readonly last: Moment | undefined;
  /** What a plan's step is thought to be. */
  readonly planned: StepState;
  readonly figure: string;
}

export interface Box {
  readonly key: string;
  readonly title: string;
  readonly subtitle: string;
  readonly stage: StageView | undefined;
  /** The box is the image that comes out. */
  readonly image: boolean;
  readonly build: BuildView | undefined;
  /** How an earlier build ended, if it is shown instead of one that failed before it had stages. */
  readonly last: Moment | undefined;
  readonly rows: readonly Row[];
}

const PLANNED: Readonly<Record<OutlookView, StepState>> = { cached: 'cached', runs: 'waiting', fails: 'failed', never: 'waiting' };

export function boxes(state: State): readonly Box[] {
  const texts = TEXTS[state.lang];
  const title = (stage: StageView) => stage.name || words(texts.stage, stage.index);
  const subtitle = (stage: StageView) => `FROM ${stage.base}`;
  const build = state.edited || !state.build ? undefined : state.build.stages.length > 0 ? state.build : state.builds.findLast((earlier) => earlier.stages.length > 0);
  if (!build) {
    const { analysis, forecast } = state;
    return (analysis?.stages ?? []).map((stage) => ({
      key: String(stage.index), title: title(stage), subtitle: subtitle(stage), stage, image: false, build: undefined, last: undefined,
      rows: planned(analysis, forecast).filter((step) => step.stage === stage.index).map((step) => ({
        line: step.firstLine, text: instructionOf(step.name), view: undefined, build: undefined, last: undefined, planned: PLANNED[step.outlook],
        figure: step.outlook === 'cached' ? texts.cached : step.outlook === 'runs' && step.ms >= 50 ? `~${seconds(step.ms)}` : '',
      })),
    }));
  }
  const last = build === state.build ? undefined : moment(build, build.durationMs);
  const made: readonly Box[] = build.stages.map((stage) => ({
    key: String(stage.index), title: title(stage), subtitle: subtitle(stage), stage, image: false, build, last,
    rows: stepsOf(build, stage.index).map((view) => ({ line: view.firstLine, text: instructionOf(view.name), view, build, last, planned: 'waiting', figure: '' })),
  }));
  const { image } = build;
  return image ? [...made, { key: 'image', title: image.tags.join(', ') || image.id.slice(7, 19), subtitle: `${texts.fromImage} · ${bytes(image.size)}`, stage: undefined, image: true, build, last, rows: [] }] : made;
}

/** What is foretold, or what is written as long as nothing is. */
function planned(analysis: Analysis | undefined, forecast: ForecastView | undefined): readonly Pick<ForecastStep, 'name' | 'stage' | 'firstLine' | 'outlook' | 'ms'>[] {
  if (forecast && forecast.steps.some((step) => step.stage !== undefined)) return forecast.steps;
  return (analysis?.steps ?? []).map((step) => ({ ...step, outlook: 'never', ms: 0 }));
}

export function stateOf(row: Row, state: State): StepState {
  if (!row.view || !row.build) return row.planned;
  return (row.build === state.build ? state.now : row.last)?.steps.get(row.view.id) ?? 'waiting';
}
