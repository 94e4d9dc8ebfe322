/** One step into a value: a key, an index, or words of its own. */
export type PathStep = string | number | { readonly text: string };

/** A step, or how to get it: only a failure needs it. */
export type PathPart = PathStep | (() => PathStep);

const PLAIN_KEY = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** As one would write it in code: `this.model.layers[2].run`. */
export function pathText(parts: readonly PathPart[]): string {
  return parts.map(partText).join('');
}

function partText(part: PathPart): string {
  const step = typeof part === 'function' ? part() : part;
  if (typeof step === 'object') return step.text;
  if (typeof step === 'string' && PLAIN_KEY.test(step)) return `.${step}`;
  return `[${JSON.stringify(step)}]`;
}
