import type { Json } from '../../base/json.ts';
import type {
  FlowDefinition,
  ParameterProblem,
  RawParameter,
  ResolvedParameters,
} from '../../model/definition.ts';
import type { BlobStore } from '../../model/ports/blob-store.ts';
import { decodeArtifact } from '../../store/artifacts.ts';
import type { OpenedFlow, ParameterOutcome } from '../open-flow.ts';

/** Their values are what a file or a schema made of a text: reading them again would not give them back. */
const MADE_KINDS: ReadonlySet<string> = new Set(['file', 'schema']);

/**
 * The parameters of the origin, validated by the flow as it is now; those that it lacked (secrets, and
 * what was added since with a default) are resolved anew. The values stay the origin's own bytes.
 */
export async function resolveOriginParameters(
  opened: Pick<OpenedFlow, 'definition' | 'resolveParameters'>,
  stored: ResolvedParameters,
  added: { readonly secrets: { readonly [name: string]: RawParameter }; readonly blobs: BlobStore },
): Promise<ParameterOutcome> {
  const raw: { [name: string]: RawParameter } = Object.create(null);
  const unread = new Set<string>();
  for (const [name, ref] of Object.entries(stored)) {
    const value = isMade(opened.definition, name)
      ? undefined
      : asJson(await decodeArtifact(ref, added.blobs));
    if (value === undefined) unread.add(name);
    else raw[name] = { from: 'code', value };
  }
  const outcome = await opened.resolveParameters({ ...raw, ...added.secrets });
  if (outcome.kind === 'resolved') {
    return { kind: 'resolved', values: { ...outcome.values, ...stored } };
  }
  return takeUnread(opened.definition, { stored, unread, problems: outcome.problems });
}

interface Rejected {
  readonly stored: ResolvedParameters;
  readonly unread: ReadonlySet<string>;
  readonly problems: readonly ParameterProblem[];
}

/** A value that was not given to the child is missing there, and is here none the less. */
function takeUnread(
  { parameters }: FlowDefinition,
  { stored, unread, problems }: Rejected,
): ParameterOutcome {
  const others = problems.filter(({ parameter }) => !unread.has(parameter));
  const isWhole = parameters.every(({ name }) => Object.hasOwn(stored, name));
  return others.length === 0 && isWhole
    ? { kind: 'resolved', values: stored }
    : { kind: 'rejected', problems: others.length === 0 ? problems : others };
}

function isMade({ parameters }: FlowDefinition, parameter: string): boolean {
  return parameters.some(({ name, kind }) => name === parameter && MADE_KINDS.has(kind));
}

/** Undefined for what JSON cannot hold. */
function asJson(value: unknown): Json | undefined {
  if (value instanceof Date) return value.toISOString();
  const text = JSON.stringify(value);
  if (text === undefined || value instanceof Uint8Array) return undefined;
  const json: Json = JSON.parse(text);
  return json;
}
