// `<bottleship-playground>`: takes its place at once, becomes alive when it is first seen.
import { engineHost } from './engine/client';
import type { App } from './app';

/** Defines the element. All playgrounds of the page share one engine. `home`: where the whole page is. */
export function definePlayground(home: URL, name = 'bottleship-playground'): void {
  if (customElements.get(name)) return;
  const host = engineHost();
  let sessions = 0;
  customElements.define(
    name,
    class extends HTMLElement {
      #app: App | undefined;
      #seen: IntersectionObserver | undefined;

      connectedCallback(): void {
        const height = this.getAttribute('height');
        if (!this.style.display) this.style.display = 'block';
        if (height) this.style.height = /^\d+$/.test(height) ? `${height}px` : height;
        if (this.#app || this.#seen) return;
        const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
        root.replaceChildren(document.createElement('slot'));
        this.#seen = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && void this.#open(root), { rootMargin: '100px' });
        this.#seen.observe(this);
      }

      disconnectedCallback(): void {
        // Moved within the page: still connected once the move is over.
        queueMicrotask(() => {
          if (this.isConnected) return;
          this.#seen?.disconnect();
          this.#seen = undefined;
          this.#app?.engine.close();
          this.#app = undefined;
        });
      }

      async #open(root: ShadowRoot): Promise<void> {
        this.#seen?.disconnect();
        const engine = host.open(`session-${sessions++}`);
        const { openPlayground } = await import('./playground');
        if (!this.isConnected) return engine.close();
        root.replaceChildren();
        this.#app = openPlayground(this, root, engine, home);
      }
    },
  );
}
