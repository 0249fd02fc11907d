// Everything that a playground shows: one immutable value.
import type { Analysis, BuildView, ForecastView, ImageView } from '../engine/pkg/bottleship.js';
import type { Lang } from '../i18n/texts';
import type { Lesson } from '../lessons/lesson';
import type { Moment } from './playback';

export type PanelName = 'graph' | 'timeline' | 'log' | 'layers' | 'tree' | 'context' | 'compare' | 'images';
export const PANELS: readonly PanelName[] = ['graph', 'timeline', 'log', 'layers', 'tree', 'context', 'compare', 'images'];

export interface State {
  readonly lang: Lang;
  readonly theme: 'light' | 'dark';
  readonly paths: readonly string[];
  readonly open: string;
  readonly dockerfile: string;
  readonly analysis: Analysis | undefined;
  /** What building the files as they are would do. */
  readonly forecast: ForecastView | undefined;
  readonly builds: readonly BuildView[];
  /** The build that is looked at. */
  readonly build: BuildView | undefined;
  readonly images: readonly ImageView[];
  /** The image whose layers are shown, if not the build's. */
  readonly image: ImageView | undefined;
  readonly at: number;
  /** The build at the clock's time. */
  readonly now: Moment | undefined;
  readonly playing: boolean;
  readonly speed: number;
  /** A step of `build`. */
  readonly step: number | undefined;
  /** The step under the pointer, wherever it is shown. */
  readonly hover: number | undefined;
  /** The files changed since the build: the graph shows what would be built now. */
  readonly edited: boolean;
  /** Lines of the Dockerfile at whose steps playing pauses. */
  readonly breakpoints: readonly number[];
  /** The line of the Dockerfile that stands for the selection. */
  readonly line: number;
  readonly panel: PanelName;
  /** The panels that this page has. */
  readonly panels: readonly PanelName[];
  /** The part that a narrow frame shows. */
  readonly view: 'lesson' | 'files' | 'editor' | 'terminal' | 'result';
  /** The sample that the project began as; empty for a project of one's own. */
  readonly example: string;
  readonly lesson: Lesson | undefined;
  readonly part: number;
  readonly buildLine: string;
  readonly busy: string;
  readonly trouble: string;
  /** What was last said to the reader. */
  readonly said: string;
  /** Brings back what was replaced or deleted last. */
  readonly undo: { readonly kind: 'undoOpen' | 'undoRemove'; act(): void } | undefined;
  /** The project that a link brought; empty if none did. */
  readonly link: string;
}
