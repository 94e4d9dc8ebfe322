/** One step into a value: a key, an index, or words of its own. */
export type PathStep = string | number | { readonly text: string };

/** A step, or how to get it: only a failure needs it. */
export type PathPart = PathStep | (() => PathStep);

/** As one would write it in code: `this.model.layers[2].run`. */
export function pathText(parts: readonly PathPart[]): string {
  return parts.map(partText).join('');
}

function partText(part: PathPart): string {
  const step = typeof part === 'function' ? part() : part;
  if (typeof step === 'object') return step.text;
  if (typeof step === 'string' && isPlainKey(step)) return `.${step}`;
  return `[${JSON.stringify(step)}]`;
}

/** The pattern is made here: to read it takes V8 longer than a task without an error has to wait. */
function isPlainKey(key: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key);
}
