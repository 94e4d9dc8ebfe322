import type { Awaitable } from '../../base/awaitable.ts';
import { isParameter } from '../../flow/parameters/parameter.ts';
import type { SecretSources } from '../../flow/secret-source.ts';
import { type FlowClass, readSteps } from '../../flow/steps.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import type { TaskSpec } from '../../model/task.ts';
import { decodeArtifactSync } from '../../store/artifacts.ts';
import { setHiddenValues } from '../../store/hidden-values.ts';
import { guardArtifacts } from './guard-artifacts.ts';
import { takeSecrets } from './take-secrets.ts';

/** Before the fields become artifacts: which of them are `param.secret`. */
export function secretParametersOf(instance: object): readonly string[] {
  return Object.keys(instance).filter((name) => {
    const value: unknown = Reflect.get(instance, name);
    return isParameter(value) && value.kind === 'secret';
  });
}

interface ProtectedTask {
  readonly flow: FlowClass;
  readonly spec: TaskSpec;
  readonly blobs: BlobStore;
  /** Resolves when whoever shows the task's output knows these texts. */
  readonly hide: (values: readonly string[]) => Promise<void>;
}

/** Before code of the step runs: its secrets are in its environment, and kept out of everything else. */
export function protectSecrets(
  task: ProtectedTask,
  parameters: readonly string[],
): Awaitable<void> {
  const sources = readSteps(task.flow).secrets.get(task.spec.step);
  if (sources === undefined && parameters.length === 0) return setHiddenValues(undefined);
  return takeAndHide(task, { parameters, sources });
}

interface Secrets {
  readonly parameters: readonly string[];
  readonly sources: SecretSources | undefined;
}

async function takeAndHide(
  { spec, blobs, hide }: ProtectedTask,
  { parameters, sources }: Secrets,
): Promise<void> {
  const taken = sources === undefined ? {} : await takeSecrets(sources);
  const values = Object.values(taken);
  if (values.length > 0) await hide(values);
  Object.assign(process.env, taken);
  const given = parameters.flatMap((name) => {
    const ref = spec.parameters[name];
    return ref === undefined ? [] : [String(decodeArtifactSync(ref, blobs))];
  });
  setHiddenValues(guardArtifacts([...given, ...values]));
}
