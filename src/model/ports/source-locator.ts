import type { SourceSpan } from '../diagnostic.ts';

/** The way back from the text of a bundled class to the file that the user wrote. */
export interface SourceLocator {
  /** Where a character of a class text is written; undefined if nobody wrote it (lowered code). */
  locate(classIndex: number, offset: number): SourcePlace | undefined;
  /** A line of a source file, counted from 1, without its end. */
  line(file: string, line: number): string | undefined;
  /** The text of the doc comment that ends right before a place (decorators may stand between). */
  docBefore(place: SourcePlace): string | undefined;
}

/** Lines and columns count from 1. */
export type SourcePlace = Pick<SourceSpan, 'file' | 'line' | 'column'>;
