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
 * The artifacts that all inputs agree on, wherever they are set. A matter of hashes: nothing is read.
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
  const found = findVariants(request);
  requireIncluded(found, request);
  const merged: Record<string, ArtifactRef> = Object.create(null);
  const conflicts: string[] = [];
  for (const [name, variants] of found) {
    if (!isWanted(name, request)) continue;
    const [first, second] = variants;
    if (second !== undefined) conflicts.push(describeConflict(name, [first, second]));
    else if (first !== undefined) merged[name] = first.ref;
  }
  if (conflicts.length > 0) throw conflictError(conflicts);
  return merged;
}

interface Variant {
  readonly ref: ArtifactRef;
  /** One input that has it. */
  readonly task: string;
}

/** Per name the different values among the inputs. Costs what the inputs changed, not all they see. */
function findVariants({ base, inputs }: MergeRequest): Map<string, Variant[]> {
  const variants = new Map<string, Variant[]>();
  const overrides = new Map<string, number>();
  for (const input of inputs) {
    for (const [name, ref] of Object.entries(input.changes)) {
      overrides.set(name, (overrides.get(name) ?? 0) + 1);
      if (ref !== null) addVariant(variants, name, { ref, task: taskPath(input) });
    }
  }
  for (const [name, ref] of Object.entries(base)) {
    if ((overrides.get(name) ?? 0) === inputs.length) continue;
    const unchanged = inputs.find((input) => !Object.hasOwn(input.changes, name));
    if (unchanged !== undefined) addVariant(variants, name, { ref, task: taskPath(unchanged) });
  }
  return variants;
}

function addVariant(variants: Map<string, Variant[]>, name: string, variant: Variant): void {
  const known = variants.get(name);
  if (known === undefined) variants.set(name, [variant]);
  else if (known.length < 2 && !known.some(({ ref }) => sameArtifact(ref, variant.ref))) {
    known.push(variant);
  }
}

function isWanted(name: string, request: MergeRequest): boolean {
  if (request.isAssigned(name)) return false;
  if (request.include !== undefined) return request.include.includes(name);
  return request.exclude?.includes(name) !== true;
}

function requireIncluded(found: ReadonlyMap<string, unknown>, request: MergeRequest): void {
  const missing = (request.include ?? []).filter(
    (name) => !found.has(name) && !request.isAssigned(name),
  );
  if (missing.length === 0) return;
  const hint = didYouMean(missing[0] ?? '', found.keys());
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
    `mergeArtifacts found different values among the inputs for ${conflicts.join(', ')}; nothing was merged`,
    {
      code: 'MERGE_CONFLICT',
      hint: 'set these fields in the join before merging, or leave them out with { exclude: [...] }',
    },
  );
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
