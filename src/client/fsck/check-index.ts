import { isDeepStrictEqual } from 'node:util';
import { indexPath, readIndexFile } from '../../journal/index-file.ts';
import { indexJournal } from '../../journal/run-indexer.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { FlowGraph } from '../../model/graph.ts';
import type { RunReference } from '../run-reference.ts';
import { damage } from './finding.ts';

/** Readers take an index at its word where it is as old as the journal. Only for a sound journal. */
export function checkIndex({ dir, flow, run }: RunReference, graph: FlowGraph): Diagnostic[] {
  const index = readIndexFile(dir);
  if (index === undefined || isDeepStrictEqual(index, indexJournal(dir, graph))) return [];
  const message = `The index of ${flow}/${run} does not say what its journal says.`;
  return [damage('index-wrong', message, `remove ${indexPath(dir)}: it is made anew`)];
}
