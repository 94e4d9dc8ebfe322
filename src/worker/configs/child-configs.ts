import { type ConfigReader, setConfigReader } from '../../flow/config.ts';
import { freezeDeep } from '../../flow/freeze-deep.ts';
import { type ArtifactTable, sameArtifact } from '../../model/artifact.ts';
import type {
  ConfigDefinition,
  ConfigProblem,
  ResolvedConfig,
  ResolvedConfigs,
} from '../../model/config.ts';
import { FlowError } from '../../model/errors.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import type { LoadRequest } from '../../model/protocol.ts';
import { decodeArtifactSync, encodeArtifact } from '../../store/artifacts.ts';
import { decodeValue, encodeValue } from '../../store/values/value.ts';
import type { LoadOutcome } from '../load-flow.ts';
import { type LaunchConfigs, type LaunchedConfig, openLaunchConfigs } from './launch-configs.ts';

/**
 * What `config()` answers in this process: a run's first child reads and checks; every later one
 * only looks up what the first had found. Nothing of either is loaded for a flow without configs.
 */
export class ChildConfigs implements ConfigReader {
  readonly #blobs: BlobStore;
  readonly #resolved: ArtifactTable | undefined;
  readonly #launch: () => LaunchConfigs;
  #launched: LaunchConfigs | undefined;
  #isSealed = false;

  constructor({ configs, file }: Pick<LoadRequest, 'configs' | 'file'>, blobs: BlobStore) {
    this.#blobs = blobs;
    this.#resolved = configs?.kind === 'resolved' ? configs.values : undefined;
    const raw = configs?.kind === 'raw' ? configs.raw : {};
    this.#launch = () =>
      openLaunchConfigs({
        raw,
        file,
        environment: process.env,
        decode: (ref) => decodeArtifactSync(ref, blobs),
        copy: (value, root) =>
          value === undefined ? undefined : decodeValue(encodeValue(value, root)),
      });
    if (Object.keys(raw).length > 0) this.#launched = this.#launch();
    setConfigReader(this);
  }

  read(name: string, options: Parameters<ConfigReader['read']>[1]): unknown {
    if (this.#isSealed) throw tooLate(name);
    if (this.#resolved !== undefined) return this.#lookUp(name, this.#resolved);
    this.#launched ??= this.#launch();
    return this.#launched.read(name, options);
  }

  /** Loads user code. What a missing config has caused there is told as what it is. */
  async during(load: () => Promise<LoadOutcome>): Promise<LoadOutcome> {
    try {
      const outcome = await load();
      this.#isSealed = true;
      return this.#withProblems(outcome, this.#launched?.unknownProblems() ?? []);
    } catch (error) {
      const broken = this.#launched?.problems() ?? [];
      if (broken.length === 0) throw error;
      return { kind: 'problem', problem: { kind: 'configs', problems: broken } };
    }
  }

  /** By name, as the modules got them. */
  values(): { readonly [name: string]: unknown } {
    const launched = this.#launched?.launched() ?? [];
    return Object.freeze(Object.fromEntries(launched.map(({ name, value }) => [name, value])));
  }

  describe(): readonly ConfigDefinition[] {
    return (this.#launched?.launched() ?? []).map(({ name, help, source, value }) => ({
      name,
      ...(help === undefined ? {} : { help }),
      source,
      valueText: shorten(JSON.stringify(value) ?? 'undefined'),
    }));
  }

  /** For the run's record, and for its later children. */
  async keep(): Promise<ResolvedConfigs> {
    const kept: Record<string, ResolvedConfig> = Object.create(null);
    for (const config of this.#launched?.launched() ?? []) {
      if (config.value !== undefined) kept[config.name] = await keepConfig(config, this.#blobs);
    }
    return kept;
  }

  #withProblems(outcome: LoadOutcome, unknown: readonly ConfigProblem[]): LoadOutcome {
    const problems = [...(this.#launched?.problems() ?? []), ...unknown];
    return problems.length === 0
      ? outcome
      : { kind: 'problem', problem: { kind: 'configs', problems } };
  }

  #lookUp(name: string, values: ArtifactTable): unknown {
    const ref = Object.hasOwn(values, name) ? values[name] : undefined;
    return ref === undefined ? undefined : freezeDeep(decodeArtifactSync(ref, this.#blobs));
  }
}

async function keepConfig(config: LaunchedConfig, blobs: BlobStore): Promise<ResolvedConfig> {
  const root = `the config "${config.name}"`;
  const value = await encodeArtifact(config.value, blobs, { root });
  if (config.input === undefined) return { value, source: config.source };
  const input = await encodeArtifact(config.input, blobs, { root });
  return { value, source: config.source, ...(sameArtifact(input, value) ? {} : { input }) };
}

const LONGEST_SHOWN = 200;

function shorten(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

function tooLate(name: string): FlowError {
  return new FlowError(
    `config(${JSON.stringify(name)}) was called after the flow had been loaded`,
    {
      code: 'CONFIG_LATE',
      hint: 'call it at the module level of the flow file, or of a module that it imports',
    },
  );
}
