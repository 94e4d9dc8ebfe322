import type { ArtifactRef, ArtifactTable } from './artifact.ts';
import type { SourceSpan } from './diagnostic.ts';

/** What a config was given as, before anything is read or parsed. */
export type RawConfig =
  /** `--config name file`, absolute. */
  | { readonly from: 'file'; readonly path: string }
  /** `--config-value name json`. */
  | { readonly from: 'text'; readonly text: string }
  /** A resume: what the origin run had read. */
  | { readonly from: 'origin'; readonly input: ArtifactRef; readonly source: ConfigSource };

/** Raw configs by name; several for one name are a mistake that is told with all the others. */
export type RawConfigs = { readonly [name: string]: readonly RawConfig[] };

/** Where the value of a config came from. */
export type ConfigSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command-line' }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'default' };

/** What a child gets before user code loads. Only a run's first child reads anything. */
export type ConfigHandover =
  | { readonly kind: 'raw'; readonly raw: RawConfigs }
  | { readonly kind: 'resolved'; readonly values: ArtifactTable };

/** A config that the flow's modules declare, and what it came to. */
export interface ConfigDefinition {
  readonly name: string;
  readonly help?: string;
  readonly source: ConfigSource;
  /** The value as JSON, cut where it gets long. */
  readonly valueText: string;
}

export interface ConfigProblem {
  readonly config: string;
  readonly message: string;
  readonly hint?: string;
  /** The place of a syntax error. */
  readonly span?: SourceSpan;
}

/** Recorded with the run. */
export interface ResolvedConfig {
  readonly value: ArtifactRef;
  /** What was read, where a schema made another value of it; a resume validates this again. */
  readonly input?: ArtifactRef;
  readonly source: ConfigSource;
}

export type ResolvedConfigs = { readonly [name: string]: ResolvedConfig };

/** For messages and listings. */
export function describeSource(source: ConfigSource): string {
  switch (source.kind) {
    case 'file':
      return source.path;
    case 'command-line':
      return 'the command line';
    case 'environment':
      return source.variable;
    case 'default':
      return 'its default';
  }
}

/** What later children of the run get. */
export function valuesOf(configs: ResolvedConfigs): ArtifactTable {
  const values: Record<string, ArtifactRef> = Object.create(null);
  for (const [name, { value }] of Object.entries(configs)) values[name] = value;
  return values;
}

/** What a resume of that run starts from. */
export function originConfigs(configs: ResolvedConfigs): RawConfigs {
  const raw: Record<string, readonly RawConfig[]> = Object.create(null);
  for (const [name, { value, input, source }] of Object.entries(configs)) {
    raw[name] = [{ from: 'origin', input: input ?? value, source }];
  }
  return raw;
}
