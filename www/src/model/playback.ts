// A build at a moment: a fold over the engine's events up to it. Nothing here is a fact of its own.
import type { BuildView, StepView } from '../engine/pkg/bottleship.js';

export type StepState = 'waiting' | 'running' | 'ran' | 'cached' | 'failed' | 'canceled';
export type StageState = 'waiting' | 'running' | 'ran' | 'cached' | 'failed' | 'skipped';

export interface Moment {
  readonly steps: ReadonlyMap<number, StepState>;
  /** Two moments with the same key look the same but for the clock. */
  readonly key: string;
}

export interface LogLine {
  readonly at: number;
  readonly step: number;
  readonly text: string;
  readonly kind: 'out' | 'err' | 'warning' | 'error';
}

export function moment(build: BuildView, at: number): Moment {
  const steps = new Map<number, StepState>(build.steps.map((step) => [step.id, 'waiting']));
  for (const event of build.events) {
    if (event.atMs > at) continue;
    switch (event.kind) {
      case 'started':
        steps.set(event.step, 'running');
        break;
      case 'cached':
        steps.set(event.step, 'cached');
        break;
      case 'completed':
        if (steps.get(event.step) !== 'cached') steps.set(event.step, 'ran');
        break;
      case 'failed':
        steps.set(event.step, 'failed');
        break;
      case 'canceled':
        steps.set(event.step, 'canceled');
        break;
    }
  }
  return { steps, key: [...steps.values()].join() };
}

export function stageState(build: BuildView, now: Moment, stage: number): StageState {
  if (build.stages.find((view) => view.index === stage)?.needed === false) return 'skipped';
  const states = stepsOf(build, stage).map((step) => now.steps.get(step.id) ?? 'waiting');
  if (states.includes('failed')) return 'failed';
  if (states.includes('running')) return 'running';
  if (states.length > 0 && states.every((state) => state === 'cached')) return 'cached';
  if (states.length > 0 && states.every((state) => state === 'cached' || state === 'ran')) return 'ran';
  return states.some((state) => state === 'ran') ? 'running' : 'waiting';
}

/** How much of its time a step has behind it, 0..1. */
export function progressOf(step: StepView, at: number): number {
  if (step.startedMs == null) return 0;
  const end = step.completedMs ?? at;
  return end <= step.startedMs ? Number(at >= end) : Math.max(0, Math.min(1, (at - step.startedMs) / (end - step.startedMs)));
}

/** How long a step took, in milliseconds; absent if it never began or never ended. */
export function lengthOf(step: StepView): number | undefined {
  return step.startedMs == null || step.completedMs == null ? undefined : step.completedMs - step.startedMs;
}

/** How much later a step could have ended without the build ending later, in milliseconds; absent if it hardly could. */
export function slackOf(build: BuildView, step: StepView): number | undefined {
  const slack = build.slackMs[build.steps.indexOf(step)] ?? 0;
  return slack >= 50 ? slack : undefined;
}

export function stepsOf(build: BuildView, stage: number): readonly StepView[] {
  return build.steps.filter((step) => !step.internal && step.stage === stage);
}

export function log(build: BuildView, at: number): readonly LogLine[] {
  const lines: LogLine[] = [];
  for (const event of build.events) {
    if (event.atMs > at || event.text == null) continue;
    const kind = event.kind === 'log' ? (event.stream === 2 ? 'err' : 'out') : event.kind === 'warning' ? 'warning' : event.kind === 'failed' ? 'error' : undefined;
    if (kind) lines.push({ at: event.atMs, step: event.step, text: event.text.replace(/\r?\n$/, ''), kind });
  }
  return lines;
}

/** The step that a line of the Dockerfile belongs to. */
export function stepAtLine(steps: readonly StepView[], line: number): StepView | undefined {
  return steps.find((step) => !step.internal && step.firstLine > 0 && step.firstLine <= line && line <= step.lastLine);
}

/** A step's name without its `[stage 1/2]` prefix, with image names as people write them. */
export function instructionOf(name: string): string {
  return name.replace(/^\[[^\]]*\]\s*/, '').replace(/^(FROM )(?:docker\.io\/(?:library\/)?)?(\S+?)(?:@sha256:[0-9a-f]+)?$/, '$1$2');
}

/** The moments at which something begins or ends: what `[` and `]` step over. */
export function marks(build: BuildView): readonly number[] {
  const times = build.events.filter((event) => ['started', 'completed', 'cached', 'failed', 'canceled'].includes(event.kind)).map((event) => event.atMs);
  return [...new Set([0, ...times, build.durationMs])].sort((a, b) => a - b);
}

/** `#2 buildme`: how a build is told from others. */
export function nameOf(build: BuildView): string {
  const tag = build.image?.tags[0];
  return `#${build.id} ${tag === undefined ? build.target : shortTag(tag)}`.trim();
}

/** A tag as people write it. */
export function shortTag(tag: string): string {
  return tag.replace(/:latest$/, '');
}
