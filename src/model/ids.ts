/**
 * Identities. A task is named by its step and its *position* (where it stands in foreaches and
 * loops), never by a counter, so that the same flow gives the same ids on every run.
 */
export type RunId = string & { readonly __brand: 'RunId' };

/** A sha256 in lower-case hex. */
export type Hash = string & { readonly __brand: 'Hash' };

/** A position as text: levels joined by `.`; `0` outside any level. E.g. `3`, `r7`, `3.r2.0`. */
export type Position = string & { readonly __brand: 'Position' };

export type Level =
  | { readonly kind: 'item'; readonly index: number }
  | { readonly kind: 'round'; readonly round: number };

/** A task of one run. `taskPath` makes it one string. */
export interface TaskId {
  readonly step: string;
  readonly position: Position;
}

/** `step/position`, e.g. `work/3.r2`. */
export type TaskPath = string & { readonly __brand: 'TaskPath' };

export const ROOT_POSITION = '0' as Position;

export function formatPosition(levels: readonly Level[]): Position {
  if (levels.length === 0) return ROOT_POSITION;
  return levels.map(formatLevel).join('.') as Position;
}

export function formatLevel(level: Level): string {
  return level.kind === 'item' ? String(level.index) : `r${level.round}`;
}

/** The position one level further in; `around` is undefined outside any level. */
export function innerPosition(around: Position | undefined, level: Level): Position {
  const text = formatLevel(level);
  return (around === undefined ? text : `${around}.${text}`) as Position;
}

const LEVEL = /^(r?)(0|[1-9]\d*)$/;

/** True for text that is a position at some depth. */
export function isPosition(text: string): text is Position {
  return text.split('.').every((part) => LEVEL.test(part));
}

/**
 * The levels of a position, for a step that lies `depth` levels deep (the text `0` alone cannot tell
 * "outside any level" from "item 0"). Undefined if the text is no position of that depth.
 */
export function parsePosition(text: string, depth: number): readonly Level[] | undefined {
  if (depth === 0) return text === ROOT_POSITION ? [] : undefined;
  const levels: Level[] = [];
  for (const part of text.split('.')) {
    const match = LEVEL.exec(part);
    if (match === null) return undefined;
    const count = Number(match[2]);
    levels.push(
      match[1] === 'r' ? { kind: 'round', round: count } : { kind: 'item', index: count },
    );
  }
  return levels.length === depth ? levels : undefined;
}

/** The last one: what is told of a task is looked up in several tables, one after the other. */
let latest = { step: '', position: '', path: '/' as TaskPath };

export function taskPath({ step, position }: TaskId): TaskPath {
  if (position !== latest.position || step !== latest.step) {
    latest = { step, position, path: `${step}/${position}` as TaskPath };
  }
  return latest.path;
}

/** All tasks of a gang: `train/*`, or `train/3.*` inside a foreach. */
export function gangPath(gang: {
  readonly step: string;
  readonly members: readonly { readonly position: Position }[];
}): string {
  const levels = gang.members[0]?.position.split('.').slice(0, -1) ?? [];
  return `${gang.step}/${[...levels, '*'].join('.')}`;
}

export function parseTaskPath(path: TaskPath): TaskId {
  const slash = path.indexOf('/');
  return { step: path.slice(0, slash), position: path.slice(slash + 1) as Position };
}
