import { stableJson } from '../../base/stable-json.ts';
import type { Placement } from '../../model/ports/executor.ts';
import { heapLimitOptions } from '../heap-limit.ts';

/** What must be so from a process's start. Children of one key are as good as each other. */
export interface LaunchProfile {
  readonly key: string;
  /** Over the environment of the run. */
  readonly environment: { readonly [name: string]: string };
  readonly nodeOptions: readonly string[];
}

const PLAIN: LaunchProfile = { key: '', environment: {}, nodeOptions: [] };
const known = new WeakMap<Placement, LaunchProfile>();

/** What a child is that describes a flow, and what most tasks want. */
export function plainProfile(): LaunchProfile {
  return PLAIN;
}

export function profileOf(placement: Placement): LaunchProfile {
  const { environment = {}, memoryBytes } = placement;
  if (placement.environment === undefined && memoryBytes === undefined) return PLAIN;
  const seen = known.get(placement);
  if (seen !== undefined) return seen;
  const nodeOptions = memoryBytes === undefined ? [] : heapLimitOptions(memoryBytes);
  const profile = { key: stableJson([environment, nodeOptions]), environment, nodeOptions };
  known.set(placement, profile);
  return profile;
}
