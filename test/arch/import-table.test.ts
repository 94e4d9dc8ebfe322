import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

type Table = Record<string, readonly string[]>;
const rules: { MAY_IMPORT: Table } = createRequire(import.meta.url)(
  '../../.dependency-cruiser.cjs',
);

describe('the import table', () => {
  it('is the same in ARCHITECTURE.md and in the rules that enforce it', () => {
    const documented = readTable(readFileSync('ARCHITECTURE.md', 'utf8'));
    expect(documented).toEqual(sorted(rules.MAY_IMPORT));
  });

  it('has a row for every folder of src', () => {
    const folders = readdirSync('src', { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(Object.keys(rules.MAY_IMPORT)).toEqual(expect.arrayContaining(folders));
  });

  it('lets a folder import only rows that exist, and never in a circle', () => {
    const below = new Set<string>();
    const waiting = new Map(Object.entries(rules.MAY_IMPORT));
    for (let before = -1; before !== below.size; ) {
      before = below.size;
      for (const [folder, allowed] of waiting) {
        if (!allowed.every((name) => below.has(rootOf(name)))) continue;
        below.add(folder);
        waiting.delete(folder);
      }
    }
    expect([...waiting.keys()]).toEqual([]);
  });
});

/** Rows read `| folder | may import | … |`; folders stand in backticks. */
function readTable(markdown: string): Table {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => /^\| *folder *\| *may import *\|/.test(line));
  const rest = lines.slice(head + 2);
  const rows = rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith('|')),
  );
  const folders: Record<string, string[]> = {};
  for (const row of rows) {
    const [, first = '', second = ''] = row.split('|');
    const [folder = ''] = namesIn(first);
    folders[folder] = namesIn(second);
  }
  return sorted(folders);
}

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

function sorted(table: Table): Table {
  return Object.fromEntries(
    Object.entries(table).map(([folder, names]) => [folder, names.toSorted()]),
  );
}

function rootOf(name: string): string {
  return name.split('/')[0] ?? name;
}
