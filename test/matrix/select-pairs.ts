import type { Behaviour } from './behaviour.ts';
import type { Shape } from './shape.ts';

/** `shape × behaviour`, where `…` ends a beginning; empty: all. `x` does for `×`. */
export function selectPairs(text: string | undefined): {
  readonly isReplay: boolean;
  readonly isWanted: (shape: Shape, behaviour: Behaviour) => boolean;
} {
  const [shapeText = '', behaviourText = ''] = (text ?? '').split(/ [×x] /);
  return {
    isReplay: text !== undefined && text !== '',
    isWanted: (shape, behaviour) =>
      matches(shape.name, shapeText.trim()) && matches(behaviour.name, behaviourText.trim()),
  };
}

function matches(name: string, text: string): boolean {
  return text.endsWith('…') ? name.startsWith(text.slice(0, -1)) : text === '' || name === text;
}
