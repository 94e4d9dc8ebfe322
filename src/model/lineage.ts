import { type ArtifactChanges, type ArtifactRef, sameArtifact } from './artifact.ts';
import { InternalError } from './errors.ts';

/**
 * What a task sees, as a chain of changes: its own over those of the task it follows. Nothing is
 * copied from task to task, so 100,000 tasks that inherit 20 artifacts cost nothing each. Every task
 * between a fork and its join hangs on the fork's scope *object*: that is how a join finds what its
 * inputs changed, at a cost proportional to these changes alone.
 */
export interface ArtifactScope {
  readonly own: ArtifactChanges;
  readonly parent?: ArtifactScope;
}

export interface JoinedScope {
  /** What the join starts with: the fork's fields that no input changed. */
  readonly scope: ArtifactScope;
  /** Per input, in order: what it sees otherwise than the fork. A deleted field is `null`. */
  readonly changedPerInput: readonly ArtifactChanges[];
  /** Names that at least one input changed, in order of first appearance. */
  readonly dropped: readonly string[];
}

export const EMPTY_SCOPE: ArtifactScope = { own: emptyChanges() };

/** The scope of a task that made these changes; without changes it is the scope it started from. */
export function extendScope(parent: ArtifactScope, changes: ArtifactChanges): ArtifactScope {
  return isEmpty(changes) ? parent : { own: changes, parent };
}

export function lookup(scope: ArtifactScope, name: string): ArtifactRef | undefined {
  for (let at: ArtifactScope | undefined = scope; at !== undefined; at = at.parent) {
    if (Object.hasOwn(at.own, name)) return at.own[name] ?? undefined;
  }
  return undefined;
}

/** All visible artifacts: null prototype, the oldest names first. */
export function flatten(scope: ArtifactScope): { [name: string]: ArtifactRef } {
  const chain: ArtifactScope[] = [];
  for (let at: ArtifactScope | undefined = scope; at !== undefined; at = at.parent) chain.push(at);
  const table: { [name: string]: ArtifactRef } = Object.create(null);
  for (const { own } of chain.toReversed()) {
    for (const [name, ref] of Object.entries(own)) {
      if (ref === null) delete table[name];
      else table[name] = ref;
    }
  }
  return table;
}

/** The scope of a join whose inputs all descend from `fork`; without inputs all of the fork remains. */
export function joinScope(fork: ArtifactScope, inputs: readonly ArtifactScope[]): JoinedScope {
  const before = new Map<string, ArtifactRef | undefined>();
  const changedPerInput = inputs.map((input) => changesSince(fork, input, before));
  const dropped = new Set<string>();
  for (const changes of changedPerInput) {
    for (const name of Object.keys(changes)) dropped.add(name);
  }
  const hidden = emptyChanges();
  for (const name of dropped) {
    if (before.get(name) !== undefined) hidden[name] = null;
  }
  return { scope: extendScope(fork, hidden), changedPerInput, dropped: [...dropped] };
}

/** What `scope` sees otherwise than `fork`. `before` remembers the fork's refs over several calls. */
function changesSince(
  fork: ArtifactScope,
  scope: ArtifactScope,
  before: Map<string, ArtifactRef | undefined>,
): ArtifactChanges {
  const changes = changesBetween(fork, scope);
  const undone = Object.keys(changes).filter((name) => {
    if (!before.has(name)) before.set(name, lookup(fork, name));
    return sameOrAbsent(before.get(name), changes[name] ?? undefined);
  });
  if (undone.length === 0) return changes;
  const kept: ReturnType<typeof emptyChanges> = Object.assign(emptyChanges(), changes);
  for (const name of undone) delete kept[name];
  return kept;
}

/** Most inputs hang right on the fork: 100,000 of them are looked at without a copy. */
function changesBetween(fork: ArtifactScope, scope: ArtifactScope): ArtifactChanges {
  if (scope !== fork && scope.parent === fork) return scope.own;
  const chain: ArtifactChanges[] = [];
  for (let at = scope; at !== fork; at = parentOf(at)) chain.push(at.own);
  return Object.assign(emptyChanges(), ...chain.toReversed());
}

function parentOf(scope: ArtifactScope): ArtifactScope {
  if (scope.parent === undefined) throw new InternalError('a join has an input outside its fork');
  return scope.parent;
}

function sameOrAbsent(a: ArtifactRef | undefined, b: ArtifactRef | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameArtifact(a, b);
}

function isEmpty(changes: ArtifactChanges): boolean {
  return Object.keys(changes).length === 0;
}

function emptyChanges(): { [name: string]: ArtifactRef | null } {
  return Object.create(null);
}
