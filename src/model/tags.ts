import { FlowError } from './errors.ts';
import type { RunStarted } from './events.ts';

/** A change of a run's own tags, after the fact. `remove` comes before `add`. */
export interface TagChange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
  /** All tags go first. */
  readonly clear?: true;
}

export const MOST_TAGS = 50;
export const LONGEST_TAG = 500;

/** What system tags begin with; a person's tags must not. */
const SYSTEM_KINDS = ['flow', 'user', 'millrace', 'node', 'origin'] as const;
const SYSTEM_TAG = new RegExp(`^(?:${SYSTEM_KINDS.join('|')}):`);

/** Without repetitions, in order. Throws FlowError `TAG_INVALID`, naming every bad one. */
export function checkTags(tags: readonly string[]): readonly string[] {
  const problems = tags.flatMap((tag) => problemOf(tag) ?? []);
  if (problems.length > 0) {
    throw new FlowError(problems.join('; '), {
      code: 'TAG_INVALID',
      hint: `a tag is a text of 1 to ${LONGEST_TAG} characters on one line; ${SYSTEM_KINDS.map((kind) => `${kind}:`).join(' ')} are the system's`,
    });
  }
  const unique = [...new Set(tags)];
  if (unique.length > MOST_TAGS) throw tooManyTags(unique.length);
  return unique;
}

function problemOf(tag: string): string | undefined {
  const name = JSON.stringify(tag.length > 60 ? `${tag.slice(0, 57)}...` : tag);
  if (tag.trim() === '') return `the tag ${name} is empty`;
  if (tag.length > LONGEST_TAG) return `the tag ${name} is longer than ${LONGEST_TAG} characters`;
  if (/\p{Cc}/u.test(tag)) return `the tag ${name} holds control characters`;
  if (!tag.isWellFormed()) return `the tag ${name} is broken text`;
  return SYSTEM_TAG.test(tag)
    ? `the tag ${name} is one of the system's, which do not change`
    : undefined;
}

function tooManyTags(count: number): FlowError {
  return new FlowError(`a run has at most ${MOST_TAGS} tags, and these are ${count}`, {
    code: 'TAG_INVALID',
    hint: 'remove some first, or say it in an artifact',
  });
}

/** The tags after all changes, in the order in which they came. */
export function applyTagChanges(
  start: readonly string[],
  changes: Iterable<TagChange>,
): readonly string[] {
  const tags = new Set(start);
  for (const { add = [], remove = [], clear } of changes) {
    if (clear === true) tags.clear();
    for (const tag of remove) tags.delete(tag);
    for (const tag of add) tags.add(tag);
  }
  return [...tags];
}

/** What is true of a run, said as tags: they follow from its first event, so nobody can change them. */
export function systemTags({ flow, user, versions, origin }: RunStarted): readonly string[] {
  return [
    `flow:${flow}`,
    ...(user === undefined ? [] : [`user:${user}`]),
    `millrace:${versions.millrace}`,
    `node:${versions.node}`,
    ...(origin === undefined ? [] : [`origin:${origin}`]),
  ];
}
