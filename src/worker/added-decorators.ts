import { didYouMean } from '../base/suggest.ts';
import { isCustomDecorator, partOfCustom } from '../flow/decorators/step-decorator.ts';
import type { PolicyPart } from '../flow/step-mark.ts';
import { addToEveryStep, type FlowClass } from '../flow/steps.ts';
import type { LoadProblem } from '../model/protocol.ts';

/** One `--with module:name`, as the bundle's entry exports it. */
interface AddedDecorator {
  readonly module: object;
  /** The module's name, for messages. */
  readonly from: string;
  readonly name: string;
  readonly options?: unknown;
}

interface Entry {
  /** The exports of the flow file. */
  readonly flow: object;
  readonly added: readonly AddedDecorator[];
}

/** A bundle is the flow file itself, or an entry of ours where decorators are added to it. */
export function entryOf(exports: object): Entry {
  return isAddedEntry(exports)
    ? { flow: exports.millraceFlow, added: exports.millraceWith }
    : { flow: exports, added: [] };
}

interface AddedEntry {
  readonly millraceFlow: object;
  readonly millraceWith: readonly AddedDecorator[];
}

function isAddedEntry(exports: object): exports is AddedEntry {
  return 'millraceFlow' in exports && 'millraceWith' in exports;
}

/** Puts them around every step that has none of their name; tells the first that cannot be. */
export function addDecorators(
  flow: FlowClass,
  added: readonly AddedDecorator[],
): LoadProblem | undefined {
  const parts: PolicyPart[] = [];
  for (const { module, from, name, options } of added) {
    const found: unknown = Reflect.get(module, name);
    if (!isCustomDecorator(found)) return missing(module, from, name);
    const part = partOfCustom(found, options);
    const [problem] = part.problems;
    if (problem !== undefined) return refused(`${from}:${name}`, problem);
    parts.push(part);
  }
  addToEveryStep(flow, parts);
  return undefined;
}

function missing(module: object, from: string, name: string): LoadProblem {
  const known = Object.entries(module).flatMap(([key, value]) =>
    isCustomDecorator(value) ? [key] : [],
  );
  const others =
    known.length === 0
      ? 'make one with stepDecorator, and export it'
      : `it exports ${known.join(', ')}`;
  return {
    kind: 'with',
    message: `--with names "${name}", and ${from} exports no step decorator of that name`,
    hint: didYouMean(name, known) ?? others,
  };
}

function refused(what: string, { message }: { readonly message: string }): LoadProblem {
  return {
    kind: 'with',
    message: `--with ${what} cannot be used: ${message}`,
    hint: `give its options as JSON: --with ${what}='{"key":"value"}'`,
  };
}
