import { readFileSync } from 'node:fs';
import type { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ClassSource } from '../../model/definition.ts';
import type { SourceLocator, SourcePlace } from '../../model/ports/source-locator.ts';
import { docCommentAtEnd } from './doc-comment.ts';
import type { Placeholders } from './placeholders.ts';

export interface LocatorSources {
  /** As the child reported them: each text is found verbatim in the materialised bundle. */
  readonly classes: readonly ClassSource[];
  /** The materialised bundle. */
  readonly text: string;
  /** The portable bundle: the source map counts its columns. */
  readonly portableText: string;
  readonly readSourceMap: () => SourceMap;
  readonly placeholders: Placeholders;
}

/** More than a doc comment and decorators ever take: a flow may have thousands of steps. */
const LINES_ABOVE = 300;

/** Everything is read when it is first asked for: a flow without a diagnostic never pays for it. */
export class BundleLocator implements SourceLocator {
  readonly #sources: LocatorSources;
  #classStarts: readonly number[] | undefined;
  #bundleLines: readonly string[] | undefined;
  #lineStarts: readonly number[] | undefined;
  readonly #files = new Map<string, readonly string[]>();

  constructor(sources: LocatorSources) {
    this.#sources = sources;
  }

  locate(classIndex: number, offset: number): SourcePlace | undefined {
    const start = this.#classStart(classIndex);
    return start === undefined ? undefined : this.#original(start + offset);
  }

  line(file: string, line: number): string | undefined {
    return this.#linesOf(file)[line - 1];
  }

  docBefore(place: SourcePlace): string | undefined {
    const { file, line, column } = place;
    const above = this.#linesOf(file).slice(Math.max(0, line - 1 - LINES_ABOVE), line - 1);
    const before = this.line(file, line)?.slice(0, column - 1) ?? '';
    return docCommentAtEnd([...above, before].join('\n'));
  }

  /** Searched for once: a flow of thousands of steps asks for each of them. */
  #classStart(classIndex: number): number | undefined {
    this.#classStarts ??= this.#sources.classes.map(({ text }) => this.#sources.text.indexOf(text));
    const start = this.#classStarts[classIndex];
    return start === undefined || start < 0 ? undefined : start;
  }

  #original(offset: number): SourcePlace | undefined {
    const line = this.#lineAt(offset);
    const filledColumn = offset - (this.#starts()[line] ?? 0);
    this.#bundleLines ??= this.#sources.portableText.split('\n');
    const portableLine = this.#bundleLines[line] ?? '';
    const column = this.#sources.placeholders.columnBefore(portableLine, filledColumn);
    const entry = this.#sources.readSourceMap().findEntry(line, column);
    if (!('originalSource' in entry) || entry.generatedLine !== line) return undefined;
    if (!entry.originalSource.startsWith('file:')) return undefined;
    return {
      file: fileURLToPath(entry.originalSource),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  }

  #starts(): readonly number[] {
    this.#lineStarts ??= lineStartsOf(this.#sources.text);
    return this.#lineStarts;
  }

  /** The last line that starts at or before the offset. */
  #lineAt(offset: number): number {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #linesOf(file: string): readonly string[] {
    let lines = this.#files.get(file);
    if (lines === undefined) {
      lines = readLines(file);
      this.#files.set(file, lines);
    }
    return lines;
  }
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r\n|\n|\r/);
  } catch {
    return [];
  }
}
