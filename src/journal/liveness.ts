import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { assertNever } from '../base/assert-never.ts';
import { FlowError } from '../model/errors.ts';
import { errnoOf } from './errno.ts';
import { remedyFor } from './remedy-for.ts';

/**
 * Whether a run's scheduler is alive, without timers: its lock names the process so exactly (host,
 * boot, pid namespace, pid, start time) that a reader in the same place can look, and a reader
 * elsewhere knows that it cannot. A run has one scheduler in its life, so a lock is never taken over.
 */
export type Liveness =
  | { readonly kind: 'running'; readonly pid: number }
  /** The process is gone and did not say goodbye. */
  | { readonly kind: 'lost'; readonly pid: number; readonly mark?: string }
  /** Held on another host, boot or pid namespace: not ours to judge or to signal. */
  | { readonly kind: 'unknown'; readonly host: string }
  | { readonly kind: 'ended' };

/** Where this process stands, and how to look at its neighbours. */
export interface ProcessPlace {
  readonly host: string;
  readonly bootId: string;
  readonly pidNamespace: string;
  readonly pid: number;
  /** What every process of the run has in its environment. */
  readonly mark?: string;
  /** Undefined if there is no such process. Equal for one process, different for its pid's next owner. */
  startTimeOf(pid: number): string | undefined;
}

interface Lock {
  readonly host: string;
  readonly bootId: string;
  readonly pidNamespace: string;
  readonly pid: number;
  readonly startTime: string;
  readonly mark?: string;
}

export function lockPath(dir: string): string {
  return join(dir, 'lock.json');
}

/** Throws FlowError `RUN_LOCKED` if the run has, or had, a scheduler already. */
export function acquireLock(dir: string, place: ProcessPlace = thisPlace()): void {
  const { host, bootId, pidNamespace, pid, mark } = place;
  const startTime = place.startTimeOf(pid) ?? '';
  const lock: Lock = {
    host,
    bootId,
    pidNamespace,
    pid,
    startTime,
    ...(mark !== undefined && { mark }),
  };
  try {
    writeFileSync(lockPath(dir), `${JSON.stringify(lock)}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw errnoOf(error) === 'EEXIST' ? locked(dir, place) : notWritable(dir, error);
  }
}

/** A lock that cannot be removed does no harm: a run that ended has said so in its journal. */
export function releaseLock(dir: string): void {
  try {
    rmSync(lockPath(dir), { force: true });
  } catch {
    // The file system has become read-only, say.
  }
}

export function readLiveness(dir: string, place: ProcessPlace = thisPlace()): Liveness {
  const text = readIfThere(lockPath(dir));
  if (text === undefined) return { kind: 'ended' };
  const lock = parseLock(text);
  if (lock === undefined || !isSamePlace(lock, place)) {
    return { kind: 'unknown', host: lock?.host ?? 'an unreadable lock' };
  }
  const isAlive = place.startTimeOf(lock.pid) === lock.startTime;
  if (isAlive) return { kind: 'running', pid: lock.pid };
  return { kind: 'lost', pid: lock.pid, ...(lock.mark === undefined ? {} : { mark: lock.mark }) };
}

/**
 * This process as its system names it. Linux tells everything through /proc. Elsewhere boot and
 * namespace stay empty, and a process that exists counts as the one that was meant.
 */
export function thisPlace(): ProcessPlace {
  return {
    host: hostname(),
    bootId: readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
    pidNamespace: readPidNamespace(),
    pid: process.pid,
    startTimeOf: process.platform === 'linux' ? linuxStartTime : startTimeByExistence,
  };
}

function readPidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** Field 22 of stat. The name before may hold spaces and parentheses. A zombie is no process. */
function linuxStartTime(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === 'Z' || state === 'X' ? undefined : fields[18];
}

function startTimeByExistence(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return '';
  } catch (error) {
    return errnoOf(error) === 'EPERM' ? '' : undefined;
  }
}

function isSamePlace(lock: Lock, place: ProcessPlace): boolean {
  return (
    lock.host === place.host &&
    lock.bootId === place.bootId &&
    lock.pidNamespace === place.pidNamespace
  );
}

function parseLock(text: string): Lock | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLock(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLock(value: unknown): value is Lock {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    Number.isInteger(value.pid) &&
    ['host', 'bootId', 'pidNamespace', 'startTime'].every(
      (key) => typeof Reflect.get(value, key) === 'string',
    )
  );
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ESRCH: the process ended between the open and the read.
    if (['ENOENT', 'ENOTDIR', 'ESRCH'].includes(errnoOf(error))) return undefined;
    throw error;
  }
}

function locked(dir: string, place: ProcessPlace): FlowError {
  return new FlowError(`The run ${dir} is taken: ${holderOf(readLiveness(dir, place))}.`, {
    code: 'RUN_LOCKED',
    hint: 'start another run, or resume this one',
  });
}

function holderOf(liveness: Liveness): string {
  switch (liveness.kind) {
    case 'running':
      return `process ${liveness.pid} runs it`;
    case 'lost':
      return `process ${liveness.pid} ran it and is gone`;
    case 'unknown':
      return `it is held by ${liveness.host}`;
    case 'ended':
      return 'it has just ended';
    default:
      return assertNever(liveness);
  }
}

function notWritable(dir: string, cause: unknown): FlowError {
  return new FlowError(`The run folder ${dir} cannot be written: ${errnoOf(cause)}.`, {
    code: 'STORE_NOT_WRITABLE',
    hint: remedyFor(cause, 'free space there or make the folder writable'),
    cause,
  });
}
