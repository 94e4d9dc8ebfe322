import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Package {
  readonly types: string;
  readonly typesVersions: { readonly '*': { readonly [door: string]: readonly string[] } };
  readonly exports: { readonly [door: string]: string | { readonly types: string } };
}

describe('the doors of the package', () => {
  it('have their types also for compilers that read no exports, as those of notebook kernels', () => {
    const { exports, types, typesVersions }: Package = JSON.parse(
      readFileSync('package.json', 'utf8'),
    );
    const told = Object.entries(typesVersions['*']).map(([door, files]) => [`./${door}`, files]);
    const doors = Object.entries(exports).flatMap(([door, target]) =>
      typeof target === 'string' ? [] : [[door, [target.types]]],
    );
    expect({ '.': [types], ...Object.fromEntries(told) }).toEqual(Object.fromEntries(doors));
  });
});
