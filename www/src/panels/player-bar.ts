// Play, pause, scrub, speed; and which build is looked at.
import type { App } from '../app';
import { TEXTS } from '../i18n/texts';
import { nameOf } from '../model/playback';
import { clock } from '../model/units';
import { wording } from '../shell/wording';
import { fill, h } from '../ui/dom';

const STEPS = 1000;

export function playerBar(app: App): HTMLElement {
  const { store, player } = app;
  const { say } = wording(store);
  const range = h('input', { type: 'range', min: 0, max: STEPS, value: 0, oninput: () => {
    store.set({ edited: false });
    player.pause();
    player.seek((Number(range.value) / STEPS) * (store.get().build?.durationMs ?? 0));
  } });
  const speed = h('select', { onchange: () => player.setSpeed(Number(speed.value)) }, [1, 2, 5, 10, 20, 50].map((value) => h('option', { value }, `${value}×`)));
  const which = h('select', { class: 'which', onchange: () => {
    const build = store.get().builds.find((candidate) => String(candidate.id) === which.value);
    if (build) app.lookAt(build);
  } });
  const play = h('button', { type: 'button', class: 'play', onclick: () => (store.get().playing ? player.pause() : player.play()) });
  const skip = h('button', { type: 'button', class: 'symbol', onclick: () => player.end() }, '»');
  const bar = h('div', { class: 'player' }, play, h('output', { class: 'num' }, say((_, state) => `${clock(state.at)} / ${clock(state.build?.durationMs ?? 0)}`)), range, speed, skip, which);
  store.watch((state) => [state.at, state.build, state.speed, state.lang, state.playing], (state) => {
    const texts = TEXTS[state.lang];
    bar.hidden = !state.build;
    range.value = String(state.build?.durationMs ? Math.round((state.at / state.build.durationMs) * STEPS) : 0);
    range.setAttribute('aria-valuetext', `${clock(state.at)} / ${clock(state.build?.durationMs ?? 0)}`);
    play.textContent = state.playing ? '❚❚' : '▶\uFE0E';
    const names: readonly (readonly [HTMLElement, string])[] = [[range, texts.time], [skip, texts.skip], [speed, texts.speed], [which, texts.which], [play, state.playing ? texts.pause : texts.play]];
    for (const [element, name] of names) {
      element.setAttribute('aria-label', name);
      element.title = name;
    }
    speed.value = String(state.speed);
  });
  store.watch((state) => [state.builds, state.build], (state) => {
    which.hidden = state.builds.length < 2;
    fill(which, state.builds.map((build) => h('option', { value: build.id, selected: build === state.build }, `${nameOf(build)}${build.succeeded ? '' : ' ✕'}`)));
  });
  return bar;
}
