// Writes the generated parts of docs/; a test says when they are stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { fillCliPage } from './cli-page.ts';
import { fillJsonPage } from './json-page.ts';

const PAGES: ReadonlyMap<string, (page: string) => string> = new Map([
  ['cli.md', fillCliPage],
  ['json.md', fillJsonPage],
]);

for (const [name, fill] of PAGES) {
  const path = new URL(`../docs/${name}`, import.meta.url);
  const page = readFileSync(path, 'utf8');
  const filled = fill(page);
  if (filled !== page) writeFileSync(path, filled);
}
