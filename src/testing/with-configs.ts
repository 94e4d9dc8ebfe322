import { join } from 'node:path';
import type { Json } from '../base/json.ts';
import { setConfigReader } from '../flow/config.ts';
import { FlowSpec } from '../flow/flow-spec.ts';
import type { RawConfig } from '../model/config.ts';
import { InternalError } from '../model/errors.ts';
import { loadError } from '../runtime/load-error.ts';
import { openMemoryBlobStore } from '../store/memory/blob-store.ts';
import { ChildConfigs } from '../worker/configs/child-configs.ts';
import { tellingAll } from './tell-all.ts';

let known: { readonly [name: string]: unknown } = {};

/** By name, as the flows loaded by {@link withConfigs} got them. */
export function knownConfigs(): { readonly [name: string]: unknown } {
  return known;
}

/**
 * Loads a flow with these values of its configs, as `--config-value` gives them: checked by their
 * schemas, before a `file`, before the default. `config()` is called when a module is loaded, and a
 * module is loaded once: so import the flow here, and not at the top of the test.
 *
 * @param values by config name.
 * @param load e.g. `() => import('./train.ts')`.
 * @param folder what a config's `file` is relative to. Default: the working directory.
 * @throws FlowError `CONFIG_INVALID`, naming all that is wrong: also a name that no config has.
 * @example
 * ```ts
 * const { Train } = await withConfigs({ train: { rounds: 2 } }, () => import('./train.ts'));
 * ```
 */
export function withConfigs<T extends object>(
  values: { readonly [name: string]: Json },
  load: () => Promise<T>,
  folder: string = process.cwd(),
): Promise<T> {
  return tellingAll(() => loadWith(values, load, join(folder, 'flow.ts')));
}

async function loadWith<T extends object>(
  values: { readonly [name: string]: Json },
  load: () => Promise<T>,
  file: string,
): Promise<T> {
  const raw: Record<string, readonly RawConfig[]> = Object.create(null);
  for (const [name, value] of Object.entries(values)) {
    raw[name] = [{ from: 'text', text: JSON.stringify(value) }];
  }
  const configs = new ChildConfigs({ configs: { kind: 'raw', raw }, file }, openMemoryBlobStore());
  const loaded: T[] = [];
  try {
    const outcome = await configs.during(async () => {
      loaded.push(await load());
      return { kind: 'loaded', name: '', flow: NoFlow };
    });
    if (outcome.kind === 'problem') {
      throw loadError({ kind: 'failed', problem: outcome.problem }, file);
    }
  } finally {
    setConfigReader(undefined);
  }
  known = { ...known, ...configs.values() };
  const [result] = loaded;
  if (result === undefined) throw new InternalError('a flow was loaded and is not there');
  return result;
}

class NoFlow extends FlowSpec {}
