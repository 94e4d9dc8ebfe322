import type { Outing } from './outing.ts';
import type { Rider } from './rider.ts';

/** Something that must hold in a flow of any shape: a rider, and a look at the runs afterwards. */
export interface Behaviour extends Rider {
  check(outing: Outing): Promise<void> | void;
}
