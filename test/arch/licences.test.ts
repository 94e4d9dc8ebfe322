import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function namesIn(folder: string, extension: string, pattern: RegExp): ReadonlySet<string> {
  const texts = readdirSync(join(ROOT, folder), { encoding: 'utf8', recursive: true })
    .filter((file) => file.endsWith(extension))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'));
  const names = texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name));
  return new Set(names);
}

it('the build brings the licences of all packages that it no longer imports', () => {
  const imported = namesIn('src', '.ts', /^import (?!type )[^;]*? from '((?:@\w+\/)?[^@./:']+)/gm);
  const outside = namesIn('dist', '.cjs', /\b(?:require|import)\("([^"]+)"\)/g);
  const bundled = [...imported].filter((name) => name !== 'node' && !outside.has(name));
  const licences = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  const listed = [...licences.matchAll(/^(\S+) [\d.]+ \([\w. -]+\)$/gm)].map(([, name]) => name);
  expect(listed).toEqual(bundled.toSorted());
  expect(listed).toContain('cbor-x');
  for (const name of bundled) {
    const text = readFileSync(join(ROOT, 'node_modules', name, 'LICENSE'), 'utf8');
    expect(licences).toContain(text.trim());
  }
});
