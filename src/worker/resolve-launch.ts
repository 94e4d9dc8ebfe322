import { readFile } from 'node:fs/promises';
import { instantiate } from '../flow/flow-instance.ts';
import { resolveParameters } from '../flow/parameters/resolve.ts';
import { parametersOf } from '../flow/registry.ts';
import type { ArtifactRef } from '../model/artifact.ts';
import type { ResolvedConfigs } from '../model/config.ts';
import type { ParameterProblem, RawParameter, ResolvedParameters } from '../model/definition.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import { decodeArtifactSync, encodeArtifact } from '../store/artifacts.ts';
import { hashBytes } from '../store/hash.ts';
import type { ChildConfigs } from './configs/child-configs.ts';
import type { LoadedFlow } from './load-flow.ts';
import { parseValueText } from './value-text.ts';

/** A loaded flow, with all that its launch needs. */
export interface Launchable extends LoadedFlow {
  /** The flow file. */
  readonly file: string;
  readonly blobs: BlobStore;
  readonly configs: Pick<ChildConfigs, 'describe' | 'keep' | 'values'>;
}

export type LaunchReply =
  | {
      readonly type: 'parameters-resolved';
      readonly values: ResolvedParameters;
      readonly configs: ResolvedConfigs;
    }
  | { readonly type: 'parameters-rejected'; readonly problems: readonly ParameterProblem[] };

/** Once per launch: the values of all parameters and configs, kept by content. */
export async function resolveLaunch(
  { flow, name, file, blobs, configs }: Launchable,
  raw: { readonly [name: string]: RawParameter },
): Promise<LaunchReply> {
  const parameters = parametersOf(instantiate(flow));
  const resolution = await resolveParameters(parameters, raw, {
    readFile,
    parseText: parseValueText,
    decode: (ref) => decodeArtifactSync(ref, blobs),
    launch: {
      flowName: name,
      file,
      cwd: process.cwd(),
      now: new Date(),
      configs: configs.values(),
    },
  });
  if ('problems' in resolution) {
    return { type: 'parameters-rejected', problems: resolution.problems };
  }
  const values: Record<string, ArtifactRef> = Object.create(null);
  for (const [parameter, value] of Object.entries(resolution.values)) {
    if (value === undefined) continue;
    const given = Object.hasOwn(raw, parameter) ? raw[parameter] : undefined;
    const isSecret = parameters.get(parameter)?.kind === 'secret';
    if (given?.from === 'origin') values[parameter] = given.value;
    else if (isSecret) values[parameter] = keepInline(value);
    else {
      const root = `the parameter "${parameter}"`;
      values[parameter] = await encodeArtifact(value, blobs, { root });
    }
  }
  return { type: 'parameters-resolved', values, configs: await configs.keep() };
}

/** A secret travels by message only: however long it is, it is no blob. */
function keepInline(value: unknown): ArtifactRef {
  const bytes = Buffer.from(String(value));
  const inline = bytes.toString('base64');
  return { hash: hashBytes(bytes), size: bytes.length, encoding: 'text', inline };
}
