import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AnyNode, parse } from 'acorn';
import { transformSync } from 'esbuild';
import { expect, it } from 'vitest';

/** What these folders make, they may make for each task. */
const FOLDERS = ['worker', 'runtime', 'process', 'journal', 'store', 'observe'];

// docs/performance.md says why: each such literal keeps its task in memory.
it('makes no object with a getter by a literal where tasks run', () => {
  const found = FOLDERS.flatMap((folder) => filesIn(join('src', folder))).flatMap((file) =>
    gettersOfLiterals(readFileSync(file, 'utf8')).map((name) => `${file}: get ${name}()`),
  );
  expect(found).toEqual([]);
});

it('would see one', () => {
  const source = 'const make = (n: number) => [{ n, get twice() { return 2 * n; } }];';
  expect(gettersOfLiterals(source)).toEqual(['twice']);
  expect(gettersOfLiterals('class A { get one() { return { get: 1 }; } }')).toEqual([]);
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path));
}

function gettersOfLiterals(source: string): string[] {
  const { code } = transformSync(source, { loader: 'ts' });
  const names: string[] = [];
  visit(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), (node) => {
    if (node.type !== 'Property' || node.kind !== 'get') return;
    names.push(node.key.type === 'Identifier' ? node.key.name : node.key.type);
  });
  return names;
}

function visit(node: AnyNode, look: (node: AnyNode) => void): void {
  look(node);
  for (const part of Object.values(node)) {
    for (const one of Array.isArray(part) ? part : [part]) if (isNode(one)) visit(one, look);
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
