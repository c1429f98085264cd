// Writes what Grafana reads: generated/<language>/<uid>.json, the same text every time. Usage: npm run generate
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { boards } from './boards/index.ts';
import { dashboardOf } from './board.ts';
import { languages } from './text.ts';

const folder = new URL('../generated/', import.meta.url);

/** Every file by its path below `generated`. */
export function generated(): Map<string, string> {
  const files = new Map<string, string>();
  for (const language of languages) {
    for (const board of boards) {
      files.set(`${language}/${board.uid}.json`, `${JSON.stringify(dashboardOf(board, language), null, 1)}\n`);
    }
  }
  return files;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, content] of generated()) {
    const file = new URL(path, folder);
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, content);
  }
}
