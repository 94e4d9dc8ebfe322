/**
 * Node's `import()`. In a file of its own, which Node loads itself: it refuses one in code that was kept
 * by an earlier process.
 */
export function importModule(url: string): Promise<object> {
  return import(/* @vite-ignore */ url);
}
