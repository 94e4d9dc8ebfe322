import { join } from 'node:path';
import type { ArtifactTable } from '../model/artifact.ts';
import type { ParameterProblem, RawParameter } from '../model/definition.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { TaskSpec } from '../model/task.ts';
import { rawParameters } from '../runner/parameter-values.ts';
import { refuseParameters } from '../runtime/refuse-parameters.ts';
import { type LaunchReply, resolveLaunch } from '../worker/resolve-launch.ts';
import type { ReadFlow } from './read-flow.ts';
import { knownConfigs } from './with-configs.ts';

export interface Resolving {
  readonly read: ReadFlow;
  readonly blobs: BlobStore;
}

/** The parameters of a test: those given, else the recorded ones, else the defaults. */
export async function resolveGiven(
  resolving: Resolving,
  given: object,
  recorded?: TaskSpec,
): Promise<ArtifactTable> {
  const { parameters: definitions } = resolving.read.definition;
  const raw: { [name: string]: RawParameter } = Object.create(null);
  for (const { name, kind } of definitions) {
    const value = recorded?.parameters[name];
    if (value !== undefined && kind !== 'schema') raw[name] = { from: 'origin', value };
  }
  Object.assign(raw, rawParameters({ ...given }, definitions, {}));
  const reply = await resolveInProcess(resolving, raw);
  if (reply.type === 'parameters-resolved') return reply.values;
  return refuseGiven(reply.problems);
}

/** Says what a test can do about each. */
export function refuseGiven(problems: readonly ParameterProblem[]): never {
  return refuseParameters(
    problems.map((problem) => {
      const { hint, parameter } = problem;
      const isMissing = hint?.startsWith('give --') === true;
      return isMissing ? { ...problem, hint: `give it: parameters: { ${parameter}: … }` } : problem;
    }),
  );
}

/** As the first child of a run does it. */
export function resolveInProcess(
  { read, blobs }: Resolving,
  raw: { readonly [name: string]: RawParameter },
): Promise<LaunchReply> {
  const { flow, definition } = read;
  const configs = { describe: () => [], keep: async () => ({}), values: knownConfigs };
  const file = join(process.cwd(), `${definition.name}.ts`);
  return resolveLaunch({ flow, name: definition.name, file, blobs, configs }, raw);
}
