/**
 * For `vitest.config.ts`: flows in tests, whatever Vite lowers TypeScript with.
 *
 * @packageDocumentation
 */
import { isLowerable, type LoweredModule, lowerDecorators } from './lower-decorators.ts';

/** What Vite and Vitest take as a plugin. */
export interface DecoratorsPlugin {
  readonly name: string;
  readonly enforce: 'pre';
  readonly transform: (code: string, id: string) => Promise<LoweredModule> | undefined;
}

/**
 * Lowers the decorators of TypeScript files before Vite sees them. Vite 8 leaves them as they are, and
 * no Node can read them.
 *
 * @example
 * ```ts
 * import { decorators } from 'millrace/testing/vitest';
 * import { defineConfig } from 'vitest/config';
 *
 * export default defineConfig({ plugins: [decorators()] });
 * ```
 */
export function decorators(): DecoratorsPlugin {
  return {
    name: 'millrace-decorators',
    enforce: 'pre',
    transform(code, id) {
      const [path = id] = id.split('?');
      // A `@` is all that a file with decorators is sure to have.
      if (!code.includes('@') || !isLowerable(path)) return undefined;
      return lowerDecorators(code, path);
    },
  };
}
