import { didYouMean } from '../base/suggest.ts';
import type { MergeOptions } from '../flow/step-host.ts';
import { type ArtifactRef, type ArtifactTable, sameArtifact } from '../model/artifact.ts';
import { FlowError } from '../model/errors.ts';
import { taskPath } from '../model/ids.ts';
import type { JoinInput } from '../model/task.ts';

export interface MergeRequest extends MergeOptions {
  readonly base: ArtifactTable;
  readonly inputs: readonly JoinInput[];
  /** Fields that the join has set itself; they stay. */
  readonly isAssigned: (name: string) => boolean;
}

/**
 * What the inputs set since their fork, where all who set it agree: an input that left a field alone
 * has no say in it. A matter of hashes: nothing is read.
 * Throws FlowError: include and exclude together, an included name that no input has, conflicts (all
 * of them at once).
 */
export function mergeArtifacts(request: MergeRequest): ArtifactTable {
  if (request.include !== undefined && request.exclude !== undefined) {
    throw new FlowError('mergeArtifacts was given both include and exclude', {
      code: 'MERGE_OPTIONS',
      hint: 'give one of them: include names what to take, exclude what to leave',
    });
  }
  const found = findVariants(request.inputs);
  requireIncluded(new Set([...found.keys(), ...Object.keys(request.base)]), request);
  const merged: Record<string, ArtifactRef> = Object.create(null);
  const conflicts: string[] = [];
  for (const [name, variants] of found) {
    if (!isWanted(name, request)) continue;
    const [first, second] = variants;
    if (second !== undefined) conflicts.push(describeConflict(name, [first, second]));
    else if (first !== undefined && first.ref !== null) merged[name] = first.ref;
  }
  if (conflicts.length > 0) throw conflictError(conflicts);
  return merged;
}

interface Variant {
  /** `null`: deleted. */
  readonly ref: ArtifactRef | null;
  /** One input that set it so. */
  readonly task: string;
}

/** Per name the different values that inputs set. What no input set, the join has from its fork. */
function findVariants(inputs: readonly JoinInput[]): Map<string, Variant[]> {
  const variants = new Map<string, Variant[]>();
  for (const input of inputs) {
    for (const [name, ref] of Object.entries(input.changes)) {
      const known = variants.get(name) ?? [];
      variants.set(name, known);
      if (known.length < 2 && !known.some((variant) => isSame(variant.ref, ref))) {
        known.push({ ref, task: taskPath(input) });
      }
    }
  }
  return variants;
}

function isSame(a: ArtifactRef | null, b: ArtifactRef | null): boolean {
  return a === null || b === null ? a === b : sameArtifact(a, b);
}

function isWanted(name: string, request: MergeRequest): boolean {
  if (request.isAssigned(name)) return false;
  if (request.include !== undefined) return request.include.includes(name);
  return request.exclude?.includes(name) !== true;
}

function requireIncluded(found: ReadonlySet<string>, request: MergeRequest): void {
  const missing = (request.include ?? []).filter(
    (name) => !found.has(name) && !request.isAssigned(name),
  );
  if (missing.length === 0) return;
  const hint = didYouMean(missing[0] ?? '', found);
  throw new FlowError(
    `mergeArtifacts was asked to include ${quoteAll(missing)}, which no input has`,
    { code: 'MERGE_MISSING', hint: hint ?? 'include only fields that a step before the join sets' },
  );
}

function describeConflict(name: string, [a, b]: readonly [Variant | undefined, Variant]): string {
  return `"${name}" (${a?.task ?? 'one'} and ${b.task})`;
}

function conflictError(conflicts: readonly string[]): FlowError {
  return new FlowError(
    `mergeArtifacts found that inputs set different values for ${conflicts.join(', ')}; nothing was merged`,
    {
      code: 'MERGE_CONFLICT',
      hint: 'set these fields in the join before merging, or leave them out with { exclude: [...] }',
    },
  );
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
