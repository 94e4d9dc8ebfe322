import type { FlowChild } from '../flow-child.ts';
import type { LaunchProfile } from './launch-profile.ts';

interface Spare {
  readonly child: FlowChild;
  readonly key: string;
  /** It ran a task already, so only a pooled one may have it. */
  readonly isUsed: boolean;
}

/** The kind of child that a task takes. */
export interface Want {
  readonly profile: LaunchProfile;
  readonly isPooled: boolean;
}

/**
 * Children that were started ahead of their task, oldest first. Whoever takes one gets everything
 * that happened to it: what it printed, and also its death. So a flow whose import fails, fails the
 * next task once, and is not tried again before somebody wants another.
 */
export class SparePool {
  readonly #start: (profile: LaunchProfile) => FlowChild;
  #spares: Spare[] = [];
  readonly #leaving = new Set<Promise<unknown>>();

  constructor(start: (profile: LaunchProfile) => FlowChild) {
    this.#start = start;
  }

  get size(): number {
    return this.#spares.length;
  }

  add(child: FlowChild, { key }: LaunchProfile): void {
    const spare = { child, key, isUsed: false };
    this.#spares.push(spare);
    void this.#forgetIfNeverStarted(spare);
  }

  /** A child whose task is over. */
  putBack(child: FlowChild, { key }: LaunchProfile): void {
    this.#spares.push({ child, key, isUsed: true });
  }

  take(want: Want): FlowChild | undefined {
    const spare = find(want, this.#spares);
    if (spare !== undefined) this.#remove(spare);
    return spare?.child;
  }

  /** Makes the pool hold one spare for each of these and no others. */
  hold(wanted: readonly Want[]): void {
    const rest = [...this.#spares];
    const missing: LaunchProfile[] = [];
    for (const want of wanted) {
      const spare = find(want, rest);
      if (spare === undefined) missing.push(want.profile);
      else rest.splice(rest.indexOf(spare), 1);
    }
    for (const spare of rest) this.#end(spare);
    for (const profile of missing) this.add(this.#start(profile), profile);
  }

  /** Ends the youngest until no more than so many are left. */
  shrinkTo(count: number): void {
    for (const spare of this.#spares.slice(Math.max(0, count))) this.#end(spare);
  }

  /** Resolves when all that it ever ended are gone. */
  async close(): Promise<void> {
    this.shrinkTo(0);
    await Promise.all(this.#leaving);
  }

  /** Whoever needs a child may have more luck. */
  async #forgetIfNeverStarted(spare: Spare): Promise<void> {
    const { spawnError } = await spare.child.exit;
    if (spawnError !== undefined) this.#remove(spare);
  }

  #end(spare: Spare): void {
    this.#remove(spare);
    const { exit } = spare.child;
    this.#leaving.add(exit);
    void exit.then(() => this.#leaving.delete(exit));
    spare.child.kill();
  }

  #remove(spare: Spare): void {
    this.#spares = this.#spares.filter((one) => one !== spare);
  }
}

/** The oldest that fits; what was used is used up first. */
function find({ profile, isPooled }: Want, spares: readonly Spare[]): Spare | undefined {
  const fitting = spares.filter(({ key }) => key === profile.key);
  const used = isPooled ? fitting.find(({ isUsed }) => isUsed) : undefined;
  return used ?? fitting.find(({ isUsed }) => !isUsed);
}
