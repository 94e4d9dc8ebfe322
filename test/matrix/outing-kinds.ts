import type { Behaviour } from './behaviour.ts';
import { ambiguousFields } from './behaviours/ambiguous-fields.ts';
import { artifactFlow } from './behaviours/artifact-flow.ts';
import { failurePolicies, resume } from './behaviours/broken-on-purpose.ts';
import { catchError, timeout } from './behaviours/catch-error.ts';
import { catchWaysOn } from './behaviours/catch-ways-on.ts';
import { configs } from './behaviours/configs.ts';
import { currentFacts } from './behaviours/current-facts.ts';
import { customDecorator } from './behaviours/custom-decorator.ts';
import { deletedFields } from './behaviours/deleted-fields.ts';
import { inPlaceChanges } from './behaviours/in-place-changes.ts';
import { items } from './behaviours/items.ts';
import { kindsOfValues } from './behaviours/kinds-of-values.ts';
import { logs } from './behaviours/logs.ts';
import { mergeArtifacts } from './behaviours/merge-artifacts.ts';
import { orderOfInputs } from './behaviours/order-of-inputs.ts';
import { parameters } from './behaviours/parameters.ts';
import { attempts, retry } from './behaviours/retry.ts';
import { tags } from './behaviours/tags.ts';
import { tasks } from './behaviours/tasks.ts';
import { breakInTurn } from './break-in-turn.ts';
import type { OutingKind } from './outing.ts';

/** Merging comes last, after the others have set their fields; looking at what a join has, first. */
const PLAIN = [
  ambiguousFields,
  artifactFlow,
  inPlaceChanges,
  deletedFields,
  kindsOfValues,
  orderOfInputs,
  items,
  currentFacts,
  parameters,
  configs,
  customDecorator,
  mergeArtifacts,
];

export interface CheckedOuting extends OutingKind {
  /** Whose checks are made. */
  readonly checked: readonly Behaviour[];
  /** At how many places each shape is tried; the places take turns. */
  readonly places: 1 | 2;
}

export const OUTING_KINDS: readonly CheckedOuting[] = [
  {
    name: 'plain',
    riders: [...PLAIN, logs, tags, tasks],
    checked: [...PLAIN, logs, tags, tasks],
    places: 2,
  },
  {
    name: 'retried',
    riders: [
      artifactFlow,
      inPlaceChanges,
      deletedFields,
      orderOfInputs,
      mergeArtifacts,
      parameters,
      retry,
    ],
    checked: [retry, attempts],
    places: 1,
  },
  {
    name: 'caught',
    riders: [artifactFlow, orderOfInputs, parameters, catchError],
    checked: [catchError, timeout],
    places: 1,
  },
  {
    name: 'ways-on',
    riders: [artifactFlow, orderOfInputs, parameters, catchWaysOn],
    checked: [catchWaysOn],
    places: 1,
  },
  {
    name: 'broken',
    riders: [...PLAIN, resume],
    checked: [resume, ...failurePolicies],
    places: 1,
    runs: breakInTurn,
  },
];
