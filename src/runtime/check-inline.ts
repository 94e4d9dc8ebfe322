import { FlowError } from '../model/errors.ts';
import type { GraphNode } from '../model/graph.ts';
import type { InlineOnly } from './open-flow.ts';

export interface InlinePlace {
  readonly nodes: readonly GraphNode[];
  /** What the tasks of the run are to find. */
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Of a flow that could have no process at all. */
  readonly inlineOnly?: InlineOnly | undefined;
}

/**
 * Tasks in the caller's process share its environment, its folder, its memory and its thread.
 *
 * @throws FlowError `INLINE_CANNOT_HOLD` with everything that asks for a process of its own.
 */
export function checkInline({ nodes, environment, cwd, inlineOnly }: InlinePlace): void {
  const inline = inlineOnly === undefined ? nodes.filter((node) => !isApart(node)) : nodes;
  const problems = [
    ...inline.filter(isApart).map(({ name }) => `"${name}" asks for a process (@isolate)`),
    ...inline.flatMap(needsOf),
    ...inline.filter(({ name }) => isGang(name, nodes)).map(({ name }) => `"${name}" is a gang`),
    ...differences(environment),
    ...(cwd === process.cwd() ? [] : [`they are to run in ${cwd}, and this process does not`]),
    ...(inlineOnly?.refused ?? []),
  ];
  if (problems.length === 0) return;
  throw new FlowError(
    `Tasks cannot run inline, in the process that starts the run: ${problems.join('; ')}.`,
    {
      code: 'INLINE_CANNOT_HOLD',
      hint: inlineOnly === undefined ? ISOLATE : SAY_THE_FILE,
    },
  );
}

const ISOLATE =
  "mark such steps with @isolate('process') or @isolate('pooled'), or run with --isolation pooled";
const SAY_THE_FILE =
  'add `static source = import.meta.url` to the class, or give its file: then tasks can have processes';

function isApart({ policy }: GraphNode): boolean {
  return policy.isolation !== undefined;
}

function needsOf({ name, policy }: GraphNode): string[] {
  const { environment, secrets = [], resources } = policy;
  return [
    ...(environment === undefined ? [] : [`"${name}" has an @environment`]),
    ...(secrets.length === 0 ? [] : [`"${name}" has @secrets`]),
    ...(resources?.memoryBytes === undefined ? [] : [`"${name}" has a limit of memory`]),
  ];
}

function isGang(step: string, nodes: readonly GraphNode[]): boolean {
  return nodes.some(({ transition }) => transition.kind === 'gang' && transition.to === step);
}

function differences(environment: NodeJS.ProcessEnv): string[] {
  const names = new Set([...Object.keys(environment), ...Object.keys(process.env)]);
  const different = [...names].filter((name) => environment[name] !== process.env[name]);
  return different.length === 0
    ? []
    : [`they are to have other variables than this process (${different.join(', ')})`];
}
