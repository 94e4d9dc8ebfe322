import type { Json } from '../base/json.ts';
import { FlowError } from '../model/errors.ts';

/** Throws FlowError: no `name=json`, or a name that is set twice. */
export function readSetValues(texts: readonly string[]): { readonly [name: string]: Json } {
  const set: { [name: string]: Json } = Object.create(null);
  for (const text of texts) {
    const { name, value } = readOne(text);
    if (name in set) throw refuse(`--set has "${name}" twice`, 'keep one');
    set[name] = value;
  }
  return set;
}

function readOne(text: string): { readonly name: string; readonly value: Json } {
  const equals = text.indexOf('=');
  if (equals < 1) throw refuse(`--set ${text} sets nothing`, 'write --set name=json');
  const [name, json] = [text.slice(0, equals), text.slice(equals + 1)];
  try {
    const value: Json = JSON.parse(json);
    return { name, value };
  } catch {
    const hint = `texts need their quotes: --set '${name}=${JSON.stringify(json)}'`;
    throw refuse(`--set ${name}: ${json} is no JSON`, hint);
  }
}

function refuse(message: string, hint: string): FlowError {
  return new FlowError(message, { code: 'OPTION_INVALID', hint });
}
