import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { EXAMPLE, FIRST, examples } from './examples.plugin.ts';

// Relative addresses: `dist/` works from any folder of any static server. `bottleship.js` keeps its name, so that other
// pages can name it; what it loads later is named by its content.
export default defineConfig({
  base: './',
  plugins: [examples(fileURLToPath(new URL('./examples', import.meta.url)))],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: { index: 'index.html', embed: 'embed.html', bottleship: 'src/main.ts' },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'bottleship' ? 'bottleship.js' : 'assets/[name]-[hash].js'),
        // What is loaded when a reader chooses it lies apart: it is no part of the first load.
        chunkFileNames: (chunk) => (chunk.facadeModuleId?.includes(EXAMPLE) && !chunk.facadeModuleId.endsWith(FIRST) ? 'assets/later/[name]-[hash].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  worker: { format: 'es' },
});
