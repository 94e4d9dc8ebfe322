import type { ArtifactsOf, FlowClass } from './flow-types.ts';

/** Each field of the flow as a promise of what the task left in it. */
export type LazyArtifacts<F extends FlowClass> = {
  readonly [K in keyof ArtifactsOf<F>]: Promise<ArtifactsOf<F>[K]>;
};

/** `load` is called when a name is read, and not before. */
export function lazyArtifacts<F extends FlowClass>(
  load: (name: string) => Promise<unknown>,
): LazyArtifacts<F> {
  return new Proxy(Object.create(null), {
    // Not `then`: whoever awaits the accessor itself must get the accessor.
    get: (_, name) => (typeof name === 'symbol' || name === 'then' ? undefined : load(name)),
    has: (_, name) => typeof name === 'string',
  });
}
