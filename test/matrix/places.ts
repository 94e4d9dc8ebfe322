import { ISOLATIONS } from '../../src/model/isolation.ts';
import { CALLERS, type Ground } from './launch.ts';
import type { Shape } from './shape.ts';

/** Who starts a run, and where its tasks run. */
export type Place = Pick<Ground, 'caller' | 'isolation'>;

export const PLACES: readonly Place[] = CALLERS.flatMap((caller) =>
  ISOLATIONS.map((isolation): Place => ({ caller, isolation })),
);

/** `all`: every pair at every place; minutes. Else each pair at some, so that all of them take turns. */
const isWhole = process.env['MILLRACE_MATRIX_PLACES'] === 'all';

export interface Turn {
  /** Which shape and which kind of outing it is. */
  readonly shape: number;
  readonly kind: number;
  readonly count: number;
}

/**
 * The places of a pair. Every shape meets every place, and so does every behaviour; with `count` 2, one
 * of the places has a process for each task.
 */
export function placesOf(shape: Shape, turn: Turn): readonly Place[] {
  const possible = PLACES.filter((place) => canRunAt(shape, place));
  if (isWhole) return possible;
  const at = turn.shape + turn.kind;
  if (turn.count === 1) return [pick(possible, at)];
  const [apart, together] = [
    possible.filter(({ isolation }) => isolation === 'process'),
    possible.filter(({ isolation }) => isolation !== 'process'),
  ];
  return [pick(apart, at), pick(together, Math.floor(at / 2))];
}

/** The tasks of a gang have a process each: a run that would put them into one is refused. */
function canRunAt({ steps }: Shape, { isolation }: Place): boolean {
  return isolation !== 'inline' || steps.every(({ way }) => way.kind !== 'gang');
}

function pick(places: readonly Place[], at: number): Place {
  const place = places[at % places.length];
  if (place === undefined) throw new Error('a shape that runs nowhere');
  return place;
}
