import type { ClassSource } from '../../model/definition.ts';
import type { Hash } from '../../model/ids.ts';
import type { SourceLocator } from '../../model/ports/source-locator.ts';
import type { AddedDecorator } from './added-decorators.ts';

export interface PrepareRequest {
  /** As the user named it; relative to `cwd`. */
  readonly file: string;
  readonly cwd: string;
  /** Where materialised code goes, e.g. a store's `code` folder. Made if it is not there. */
  readonly codeRoot: string;
  /** Step decorators from elsewhere, bundled with the flow. */
  readonly with?: readonly AddedDecorator[];
}

/** The user's code as one module that a child can import, and the way back to its sources. */
export interface PreparedFlow {
  /** Of the portable bundle: the same for two checkouts of the same code. */
  readonly hash: Hash;
  /** The materialised module, absolute. */
  readonly bundlePath: string;
  /** The user's file, absolute, symbolic links resolved. */
  readonly sourceFile: string;
  /** Every file of the user's that went in, absolute and sorted. */
  readonly watchFiles: readonly string[];
  /** Writes the same module to another folder, e.g. the store's once a run exists; gives its path. */
  placeIn(codeRoot: string): Promise<string>;
  /** Reads already what `locate` needs. */
  readSourceMap(): void;
  /** Finds the given classes (as the child reported them) in the sources. */
  locate(classes: readonly ClassSource[]): SourceLocator;
}
