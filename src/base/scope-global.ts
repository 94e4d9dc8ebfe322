/** Makes a value on globalThis depend on who asks. Returns what undoes that. */
export function scopeGlobal<T>(
  key: symbol,
  access: { readonly get: () => T; readonly set?: (value: T) => void },
): () => void {
  const before = Object.getOwnPropertyDescriptor(globalThis, key);
  Object.defineProperty(globalThis, key, { ...access, configurable: true, enumerable: false });
  return () => {
    if (before === undefined) Reflect.deleteProperty(globalThis, key);
    else Object.defineProperty(globalThis, key, before);
  };
}
