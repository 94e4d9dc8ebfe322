/**
 * What was stored is what a flow's field held, so it has the field's type: whoever names the flow's
 * class claims that. This is the one place where the claim is taken on trust.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names it
export function claimed<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- types are not stored
  return value as T;
}
