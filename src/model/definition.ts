import type { Json } from '../base/json.ts';
import type { ArtifactRef } from './artifact.ts';
import type { ConfigDefinition, ResolvedConfigs } from './config.ts';
import type { RunStatusAtEnd } from './exit.ts';

/**
 * A flow as its class declares it: what a child reports after it imported the user's module. Plain
 * JSON. The graph is parsed from the class texts afterwards, in the parent.
 */
export interface FlowDefinition {
  readonly name: string;
  /** The flow's class first, then its base classes up to (not including) FlowSpec. */
  readonly classes: readonly ClassSource[];
  /** In declaration order, base classes first; an override keeps the place of what it overrides. */
  readonly steps: readonly StepDefinition[];
  readonly parameters: readonly ParameterDefinition[];
  /** In the order in which the modules declare them; absent where there are none. */
  readonly configs?: readonly ConfigDefinition[];
  /** Own fields of a fresh instance that are artifacts, in order. */
  readonly fields: readonly FieldDefinition[];
  /** Members of FlowSpec.prototype (of the copy that the flow uses), which fields must not hide. */
  readonly problems: readonly DefinitionProblem[];
  /** What runs after the run; absent without hooks. */
  readonly exitHooks?: ExitHooksDefinition;
  /** Absent without flow mutators. */
  readonly mutations?: MutationDigests;
}

/** By what flow mutators changed (`the step "train"`): a digest of what they made of it. */
export type MutationDigests = { readonly [changed: string]: string };

export interface ExitHooksDefinition {
  /** For each of them. */
  readonly timeoutMs: number;
  /** In the order in which they run. */
  readonly hooks: readonly { readonly name: string; readonly on: RunStatusAtEnd }[];
}

export interface ClassSource {
  readonly name: string;
  /** `Class.toString()`: verbatim the text in the bundle. */
  readonly text: string;
}

export interface FieldDefinition {
  readonly name: string;
  /** False for `x!: T` and `x?: T`, whose own field exists but is undefined. */
  readonly initialised: boolean;
  readonly transient: boolean;
}

/** A mistake that only the loaded class shows, e.g. a decorator with a bad argument. */
export interface DefinitionProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** The step or field that it concerns. */
  readonly member?: string;
  /** Of a problem without a member: which of `classes` it concerns; absent: the flow's own. */
  readonly classIndex?: number;
}

export interface StepDefinition {
  readonly name: string;
  /** Index into `classes`: where the method that runs is written. */
  readonly classIndex: number;
  /** Formal parameters of the method (0, 1, or more, which lint refuses). */
  readonly arity: number;
  readonly policy: StepPolicy;
  /** For `flow show`: `retry(times=2)`, in source order. */
  readonly decorators: readonly string[];
}

/** What decorators ask for. Absent means the default. */
export interface StepPolicy {
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  readonly catch?: CatchPolicy;
  readonly environment?: { readonly [name: string]: string };
  readonly resources?: Resources;
  readonly secrets?: readonly SecretPolicy[];
  readonly limits?: readonly ConcurrencyLimit[];
  readonly isolation?: StepIsolation;
}

/**
 * `process`: a process of its own, perhaps started ahead. `fresh`: never started ahead. `pooled`: a
 * process that runs many tasks, one after the other.
 */
export type StepIsolation = 'process' | 'fresh' | 'pooled';

export interface RetryPolicy {
  /** Retries after the first attempt. */
  readonly times: number;
  readonly initialDelayMs: number;
  /** Each delay is the one before times this; 1 keeps it constant. */
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Each delay is drawn from 50–100 % of itself, by a hash of run, task and attempt. */
  readonly jitter: boolean;
}

/** Where a secret comes from; never what it is. */
export interface SecretPolicy {
  /** Of the task's environment. */
  readonly variable: string;
  /** For a person: `the file token.txt`. */
  readonly from: string;
}

export interface CatchPolicy {
  /** The artifact that receives the failure. */
  readonly field: string;
  /** Of a switch: the case that is taken then. */
  readonly take?: string;
  /** Of a foreach or a gang: it has no items then, and its join gets no inputs. */
  readonly items?: readonly [];
}

/** At most `count` tasks at the same time: of all steps that name it, or of the step alone. */
export interface ConcurrencyLimit {
  readonly name?: string;
  readonly count: number;
}

export interface Resources {
  readonly cpu?: number;
  readonly memoryBytes?: number;
  readonly gpu?: number;
  readonly hint?: 'cpu' | 'io' | 'network';
}

export type ParameterKind =
  | 'int'
  | 'number'
  | 'string'
  | 'boolean'
  | 'date'
  | 'choice'
  | 'list'
  | 'json'
  | 'file'
  | 'secret'
  | 'schema';

export interface ParameterDefinition {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly help?: string;
  readonly required: boolean;
  /** The default as a person would type it; absent for functions and for no default. */
  readonly defaultText?: string;
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Lists: the kind of an element. */
  readonly element?: ParameterKind;
}

/** What a value was given as, before it is parsed: from a flag, the environment, or code. */
export type RawParameter =
  | { readonly from: 'flag'; readonly texts: readonly string[] }
  | { readonly from: 'environment'; readonly text: string; readonly variable: string }
  | { readonly from: 'code'; readonly value: Json }
  /** A resume: what the origin run had, and for a schema what it was made of. */
  | { readonly from: 'origin'; readonly value: ArtifactRef; readonly given?: RawParameter };

export interface ParameterProblem {
  readonly parameter: string;
  readonly message: string;
  readonly hint?: string;
}

export type ResolvedParameters = { readonly [name: string]: ArtifactRef };

/** What became of the values that a launch was given. */
export type ParameterOutcome =
  | {
      readonly kind: 'resolved';
      readonly values: ResolvedParameters;
      readonly configs: ResolvedConfigs;
    }
  | { readonly kind: 'rejected'; readonly problems: readonly ParameterProblem[] };
