/** How a step of a shape goes on. What is drawn here says all that the oracle needs to know. */
export type Way =
  | { readonly kind: 'end' }
  | { readonly kind: 'next'; readonly to: readonly string[] }
  | {
      readonly kind: 'foreach';
      readonly to: string;
      /** Numbers of items: a task takes the one at its own number (see `numberOf`), round and round. */
      readonly sizes: readonly number[];
      /** Over an async iterable. */
      readonly isAsync?: boolean;
    }
  | { readonly kind: 'gang'; readonly to: string; readonly size: number }
  | {
      readonly kind: 'switch';
      readonly cases: { readonly [label: string]: string };
      /** Labels, chosen in the same way. */
      readonly chosen: readonly string[];
    };

export interface ShapeStep {
  readonly name: string;
  readonly way: Way;
  /** Of a join: the step where the branches part, or whose foreach it closes. */
  readonly closes?: string;
}

/** A graph in a few words, with all that its tasks will decide, so that every task of it is known. */
export interface Shape {
  readonly name: string;
  /** In the order of declaration; `end` is the last. */
  readonly steps: readonly ShapeStep[];
  /** Heads of loops, each with all the steps of its region. */
  readonly loops: { readonly [head: string]: readonly string[] };
  /** Its tasks share the process of whoever starts them: they must not end it. */
  readonly isInline?: true;
}

export const next = (...to: readonly string[]): Way => ({ kind: 'next', to });

export const each = (to: string, ...sizes: readonly number[]): Way => ({
  kind: 'foreach',
  to,
  sizes,
});

/** The same, over an async iterable. */
export const stream = (to: string, ...sizes: readonly number[]): Way => ({
  kind: 'foreach',
  to,
  sizes,
  isAsync: true,
});

export const gang = (to: string, size: number): Way => ({ kind: 'gang', to, size });

export const pick = (
  cases: { readonly [label: string]: string },
  ...chosen: readonly string[]
): Way => ({ kind: 'switch', cases, chosen });

interface Joining {
  readonly closes: string;
  readonly way: Way;
}

export const join = (closes: string, way: Way): Joining => ({ closes, way });

/** Every step but `end`, which is added. */
export function shape(
  name: string,
  steps: { readonly [step: string]: Way | Joining },
  loops: Shape['loops'] = {},
): Shape {
  const drawn = Object.entries(steps).map(
    ([step, given]): ShapeStep =>
      'way' in given ? { name: step, ...given } : { name: step, way: given },
  );
  return { name, loops, steps: [...drawn, { name: 'end', way: { kind: 'end' } }] };
}

/** Whether a way leads to several tasks of one step. */
export function fansOut(way: Way | undefined): boolean {
  return way?.kind === 'foreach' || way?.kind === 'gang';
}

export function takesItem(step: ShapeStep, { steps }: Shape): boolean {
  return steps.some(({ way }) => fansOut(way) && 'to' in way && way.to === step.name);
}

export function inGang({ name }: ShapeStep, { steps }: Shape): boolean {
  return steps.some(({ way }) => way.kind === 'gang' && way.to === name);
}

export function isStream({ way }: ShapeStep): boolean {
  return way.kind === 'foreach' && way.isAsync === true;
}

/** The last index or round of a position: what a task's choices depend on. */
export function numberOf(position: string): number {
  return Number(/\d+$/.exec(position)?.[0]);
}

/** The choice of the task at that position. */
export function chosenAt<T>(choices: readonly T[], position: string): T {
  const choice = choices[numberOf(position) % choices.length];
  if (choice === undefined) throw new Error(`nothing is chosen at ${position}`);
  return choice;
}

/** `SplitInForeach`: a class for `split in foreach`. */
export function flowName({ name }: Shape): string {
  return name.replaceAll(/(?:^|[^a-z0-9]+)([a-z0-9])/gi, (_all, letter: string) =>
    letter.toUpperCase(),
  );
}
