import type { FlowDefinition } from '../model/definition.ts';
import type { SourceSpan } from '../model/diagnostic.ts';
import type { SourceLocator } from '../model/ports/source-locator.ts';
import type { Place } from './source/flow-source.ts';

/** From places in class texts to spans in the user's files. */
export class SourceMap {
  readonly #definition: FlowDefinition;
  readonly #locator: SourceLocator;

  constructor(definition: FlowDefinition, locator: SourceLocator) {
    this.#definition = definition;
    this.#locator = locator;
  }

  spanOf(place: Place | undefined): SourceSpan | undefined {
    if (place === undefined) return undefined;
    const found = this.#locator.locate(place.classIndex, place.start);
    if (found === undefined) return undefined;
    const text = this.#definition.classes[place.classIndex]?.text ?? '';
    const [first = ''] = text.slice(place.start, place.start + place.length).split('\n');
    const rest = this.#locator.line(found.file, found.line)?.slice(found.column - 1);
    return { ...found, length: Math.max(1, lengthIn(rest, first)) };
  }

  /** The line of a place in the user's file. */
  lineOf(place: Place): string | undefined {
    const found = this.#locator.locate(place.classIndex, place.start);
    return found && this.#locator.line(found.file, found.line);
  }

  docOfClass(classIndex: number): string | undefined {
    const found = this.#locator.locate(classIndex, 0);
    return found && this.#locator.docBefore(found);
  }

  describe(place: Place | undefined): { readonly doc?: string; readonly span?: SourceSpan } {
    const span = this.spanOf(place);
    if (span === undefined) return {};
    const doc = this.#locator.docBefore(span);
    return doc === undefined ? { span } : { doc, span };
  }
}

/** Lowered code is not what the user wrote: there the caret marks a name. */
function lengthIn(rest: string | undefined, text: string): number {
  if (rest === undefined || rest.startsWith(text)) return text.length;
  return /^[\w$#]+/u.exec(rest)?.[0].length ?? Math.min(text.length, rest.length);
}
