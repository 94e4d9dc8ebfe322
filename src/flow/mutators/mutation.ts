import type { DefinitionProblem, MutationDigests } from '../../model/definition.ts';
import type { Parameter } from '../parameters/parameter.ts';
import type { PolicyPart } from '../step-mark.ts';

/** What the mutators of a flow have made of it. */
export interface Mutation {
  /** By step: all of its decorators, the outermost first. */
  readonly parts: ReadonlyMap<string, readonly PolicyPart[]>;
  readonly addedParameters: ReadonlyMap<string, Parameter>;
  /** Of those that the classes declare. */
  readonly removedParameters: ReadonlySet<string>;
  readonly problems: readonly DefinitionProblem[];
  readonly digests: MutationDigests;
}
