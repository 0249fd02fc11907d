// The keyboard map.
import type { App } from '../app';

export function keys(app: App, target: Document | HTMLElement, act: { build(): void; help(): void }): void {
  target.addEventListener('keydown', (event) => {
    const key = event as KeyboardEvent;
    const inside = key.composedPath()[0];
    const writing = inside instanceof HTMLElement && (inside.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(inside.tagName));
    const pressable = inside instanceof HTMLElement && ['BUTTON', 'SUMMARY', 'A'].includes(inside.tagName);
    const { playing, panels } = app.store.get();
    const panel = key.altKey ? panels[Number(key.code.replace('Digit', '')) - 1] : undefined;
    if ((key.ctrlKey || key.metaKey) && key.key === 'Enter') act.build();
    else if (panel) app.show(panel);
    else if (writing || key.ctrlKey || key.metaKey || key.altKey) return;
    else if (key.key === 'Escape' && playing) app.player.pause();
    else if (key.key === '[') app.stride(-1);
    else if (key.key === ']') app.stride(1);
    else if (key.key === ' ' && !pressable) playing ? app.player.pause() : app.player.play();
    else if (key.key === '?') act.help();
    else return;
    key.preventDefault();
  });
}
