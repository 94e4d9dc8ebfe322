/** Numbers in [0, 1) that depend on a seed and a text alone, so that a history replays. */
export function chance(seed: number, text: string): number {
  let hash = seed | 0;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

export function choose<T>(seed: number, text: string, from: readonly T[]): T {
  return from[Math.floor(chance(seed, text) * from.length)]!;
}
