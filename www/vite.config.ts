import { defineConfig } from 'vite';

// Relative addresses: `dist/` works from any folder of any static server.
export default defineConfig({
  base: './',
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: { input: { index: 'index.html', embed: 'embed.html' } },
  },
  worker: { format: 'es' },
});
