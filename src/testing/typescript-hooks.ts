import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isLowerable, lowerDecorators } from './lower-decorators.ts';

/** What may be meant by a name that no file has, as the compiler takes it. */
const ENDINGS = [
  [/\.js$/, ['.ts', '.tsx']],
  [/\.mjs$/, ['.mts']],
  [/(?<!\.[cm]?[jt]sx?)$/, ['.ts', '.tsx', '/index.ts']],
] as const;

export const resolve: ResolveHook = async (specifier, context, next) => {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!/^(\.|\/|file:)/.test(specifier)) throw error;
    for (const name of otherNames(specifier)) {
      try {
        return await next(name, context);
      } catch {
        // The first error is the one to tell.
      }
    }
    throw error;
  }
};

export const load: LoadHook = async (url, context, next) => {
  const [plain = url] = url.split(/[?#]/);
  if (!plain.startsWith('file:') || !isLowerable(fileURLToPath(plain))) return next(url, context);
  const path = fileURLToPath(plain);
  const { code, map } = await lowerDecorators(await readFile(path, 'utf8'), path);
  const inlineMap = Buffer.from(map).toString('base64');
  const source = `${code}\n//# sourceMappingURL=data:application/json;base64,${inlineMap}`;
  return { format: 'module', source, shortCircuit: true };
};

function otherNames(specifier: string): readonly string[] {
  return ENDINGS.flatMap(([ending, others]) =>
    ending.test(specifier) ? others.map((other) => specifier.replace(ending, other)) : [],
  );
}
