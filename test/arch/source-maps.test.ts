import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

it('the source maps of the build lead to files that the package brings along', () => {
  const maps = readdirSync(DIST, { encoding: 'utf8', recursive: true }).filter((file) =>
    file.endsWith('.map'),
  );
  expect(maps).toContain('index.d.ts.map');
  const lost = maps.filter((map) => {
    const { sources }: { sources: string[] } = JSON.parse(readFileSync(join(DIST, map), 'utf8'));
    return sources.some((source) => !existsSync(join(DIST, dirname(map), source)));
  });
  expect(lost).toEqual([]);
});
