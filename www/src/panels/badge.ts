// The quiet mark of what is modelled or not simulated: the same everywhere.
import type { FidelityView } from '../engine/pkg/bottleship.js';
import type { Texts } from '../i18n/texts';
import { h } from '../ui/dom';

export function badge(fidelity: FidelityView | boolean, texts: Texts): HTMLElement | null {
  const kind = fidelity === true ? 'modelled' : fidelity;
  if (kind === 'modelled') return h('span', { class: 'badge', title: texts.modelledWhy }, texts.modelled);
  if (kind === 'notSimulated') return h('span', { class: 'badge not-simulated', title: texts.notSimulatedWhy }, texts.notSimulated);
  return null;
}
