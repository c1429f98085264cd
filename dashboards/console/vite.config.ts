import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const kFirstLoadBudget = 60 * 1024; // gzip bytes of script before the board shows; our choice
const version = (JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string }).version;

// Fails the build when the script of the first load outgrows its budget.
function budget(): Plugin {
  return {
    name: 'firegate-budget',
    generateBundle(_options, bundle) {
      const first = new Set(Object.values(bundle).flatMap((part) => (part.type === 'chunk' && part.isEntry ? [part.fileName] : [])));
      let bytes = 0;
      for (const name of first) {
        const part = bundle[name];
        if (part?.type !== 'chunk') continue;
        for (const imported of part.imports) first.add(imported); // not those that are loaded when somebody goes there
        bytes += gzipSync(part.code).length;
      }
      if (bytes > kFirstLoadBudget) {
        this.error(`building the console: the first load is ${bytes} gzip bytes of script, at most ${kFirstLoadBudget} allowed`);
      }
      this.info(`first load: ${(bytes / 1024).toFixed(1)} KiB of script (gzip), at most ${kFirstLoadBudget / 1024}`);
    },
  };
}

export default defineConfig({
  plugins: [budget()],
  define: { __BUILD__: JSON.stringify(version) },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false },
  server: { proxy: { '/api': { target: process.env['FIREGATE_URL'] ?? 'http://127.0.0.1:8080', ws: true } } },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
} as Parameters<typeof defineConfig>[0]);
