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
    const line = this.#locator.line(found.file, found.line);
    const room = line === undefined ? first.length : line.length - found.column + 1;
    const { file, line: row, column } = found;
    return { file, line: row, column, length: Math.max(1, Math.min(first.length, room)) };
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
