import type { Behaviour } from './behaviour.ts';
import { catchWaysOn, hasChoice } from './behaviours/catch-ways-on.ts';
import type { Shape } from './shape.ts';

/** Why a behaviour makes no sense in a shape: what `flow check` says of the flow with its code. */
export function refusalOf(shape: Shape, behaviour: Behaviour): string | undefined {
  if (behaviour === catchWaysOn && !hasChoice(shape)) {
    return '@catchError on "start" takes the case "a", but the step has no switch';
  }
  return undefined;
}
