import { isParameter } from '../../flow/parameters/parameter.ts';
import { type FlowClass, readSteps } from '../../flow/steps.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import type { TaskSpec } from '../../model/task.ts';
import { decodeArtifactSync } from '../../store/artifacts.ts';
import { setHiddenValues } from '../../store/hidden-values.ts';
import { guardArtifacts } from './guard-artifacts.ts';
import { takeSecrets } from './take-secrets.ts';

/** Before the fields become artifacts: which of them are `param.secret`. */
export function secretParametersOf(instance: object): readonly string[] {
  return Object.entries(instance).flatMap(([name, value]) =>
    isParameter(value) && value.kind === 'secret' ? [name] : [],
  );
}

interface ProtectedTask {
  readonly flow: FlowClass;
  readonly spec: TaskSpec;
  readonly blobs: BlobStore;
  /** Resolves when whoever shows the task's output knows these texts. */
  readonly hide: (values: readonly string[]) => Promise<void>;
}

/** Before code of the step runs: its secrets are in its environment, and kept out of everything else. */
export async function protectSecrets(
  { flow, spec, blobs, hide }: ProtectedTask,
  parameters: readonly string[],
): Promise<void> {
  const sources = readSteps(flow).secrets.get(spec.step);
  if (sources === undefined && parameters.length === 0) return setHiddenValues(undefined);
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
