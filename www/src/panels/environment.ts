// What holds in a stage behind a step, beside its files: variables, working directory, user, shell.
import type { EnvironmentView } from '../engine/pkg/bottleship.js';
import type { Texts } from '../i18n/texts';
import { h } from '../ui/dom';

/** `open`: whether it is unfolded; `toggled` is told. */
export function environmentView(view: EnvironmentView, texts: Texts, open: boolean, toggled: (open: boolean) => void): Element {
  const user = view.user || 'root';
  const variable = ({ name, value, isArg, isNew }: EnvironmentView['variables'][number]) =>
    h('tr', { class: isNew ? 'added' : null }, h('td', null, h('abbr', { title: isNew ? texts.fresh : '' }, isNew ? '+' : '')), h('th', { scope: 'row' }, h('code', null, name), isArg && h('abbr', { class: 'badge', title: texts.argWhy }, texts.arg)), h('td', null, h('code', null, value)));
  return h(
    'details',
    { class: 'environment', open, ontoggle: (event: Event) => toggled((event.target as HTMLDetailsElement).open) },
    h('summary', null, `${texts.environment}: `, h('code', null, user), ' ', h('code', null, view.dir)),
    h('dl', null, h('dt', null, texts.user), h('dd', null, h('code', null, user)), h('dt', null, texts.directory), h('dd', null, h('code', null, view.dir)), h('dt', null, texts.shell), h('dd', null, h('code', null, view.shell))),
    h('table', { class: 'wide' }, h('tbody', null, view.variables.map(variable))),
  );
}
