import type { ArtifactRef } from '../../model/artifact.ts';
import type { ParameterDefinition, ParameterKind } from '../../model/definition.ts';

/**
 * What `param.*` puts into a field: not a value but how to get one. The compiler sees the value's
 * type; the worker replaces the field before a step runs. Recognised by a registered symbol, so that
 * a second copy of this package does no harm.
 */
export interface Parameter {
  readonly [PARAMETER]: true;
  readonly kind: ParameterKind;
  readonly help?: string;
  /** May be absent, and is `undefined` then. */
  readonly optional: boolean;
  readonly fallback: Fallback;
  /** What `--help` shows beside the kind. */
  readonly facts: Pick<ParameterDefinition, 'choices' | 'min' | 'max' | 'element'>;
  /** Mistakes in the options of `param.*`. */
  readonly problems: readonly string[];
  /** True if several texts make one value. */
  readonly repeats: boolean;
  readonly readText: Reader<string>;
  /** For values from code and for defaults. */
  readonly readValue: Reader<unknown>;
  /** For a value that an earlier launch made; absent: as a value from code. */
  readonly readMade?: (value: unknown) => Reading;
}

export type Fallback =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'function'; readonly make: (launch: LaunchContext) => unknown };

export type Reader<I> = (given: I, context: ReadContext) => Reading | Promise<Reading>;

/** The effects that parameters need, given by whoever resolves them. */
export interface ReadContext {
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** What an earlier run had kept. */
  readonly decode: (ref: ArtifactRef) => unknown;
  readonly parseText: (text: string, format: 'json' | 'yaml') => ParsedText;
  /** For functions that make a default. */
  readonly launch: LaunchContext;
}

export type ParsedText =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly TextProblem[] };

export interface TextProblem {
  readonly message: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** What a default that is a function is told. */
export interface LaunchContext {
  readonly flowName: string;
  /** The flow file, absolute. */
  readonly file: string;
  /** The working directory of the command. */
  readonly cwd: string;
  /** The time of the launch; the same for all defaults. */
  readonly now: Date;
  /** The flow's configs by name, as `config()` returned them. */
  readonly configs: Readonly<Record<string, unknown>>;
}

/** A problem's message continues the name: `--top: ` + `"x" is not a whole number`. */
export type Reading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

export const PARAMETER: unique symbol = Symbol.for('millrace.parameter');

export function isParameter(value: unknown): value is Parameter {
  return typeof value === 'object' && value !== null && PARAMETER in value;
}

export function read(value: unknown): Reading {
  return { ok: true, value };
}

export function refuse(message: string, hint?: string): Reading {
  return hint === undefined ? { ok: false, message } : { ok: false, message, hint };
}

/** A value inside a message: as JSON, cut where it gets long. */
export function show(value: unknown): string {
  const text = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
