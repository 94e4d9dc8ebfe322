/** Code of flows is in this process only where the run was asked to be inline: it got our API then. */
export function holdsFlow(): boolean {
  return Reflect.has(globalThis, Symbol.for('millrace.api'));
}
