import { formatMemory } from '../base/byte-size.ts';
import { formatDurationMs } from '../base/duration.ts';
import type { Failure, MemorySample, OutOfMemory, UserError } from '../model/failure.ts';
import { systemLimitOf } from '../model/system-limits.ts';

/** The cause of a failure in one sentence, without a full stop. */
export function describeFailure(failure: Failure): string {
  switch (failure.kind) {
    case 'user-error':
      return describeUserError(failure);
    case 'exit':
      return failure.code === 0
        ? 'its process exited before the step had ended'
        : `its process exited with code ${failure.code}`;
    case 'signal':
      return `its process was ended by ${failure.signal}`;
    case 'timeout':
      if (failure.during === 'import') return describeSlowImport(failure.afterMs);
      return `it ran longer than its timeout of ${formatDurationMs(failure.afterMs)}`;
    case 'out-of-memory':
      return `out of memory: ${describeMemory(failure)}`;
    case 'spawn':
      return `its process could not be started: ${failure.message}${spawnRemedy(failure.errno)}`;
    case 'lost':
      return `it was lost: ${failure.message}`;
    case 'protocol':
      return `its process broke the rules of its channel: ${failure.message}`;
    case 'cancelled':
      return `it was cancelled: ${failure.reason}`;
    case 'upstream':
      return `it needs ${failure.task}, which failed`;
  }
}

function spawnRemedy(errno: string | undefined): string {
  const limit = systemLimitOf(errno);
  return limit === undefined ? '' : `; ${limit.remedy}`;
}

function describeSlowImport(afterMs: number): string {
  return `its flow file was still being imported after ${formatDurationMs(afterMs)} (--load-timeout)`;
}

function describeMemory({ by = 'limit', limitBytes, usedBytes, curve }: OutOfMemory): string {
  const limit = limitBytes === undefined ? 'no limit' : `${formatMemory(limitBytes)} limit`;
  const used = usedBytes === undefined ? '' : `, ${formatMemory(usedBytes)} used`;
  switch (by) {
    case 'limit':
      return `${limit}${used}${describeCurve(curve ?? [])}`;
    case 'heap':
      return `V8's heap was full, ${limit}${used}`;
    case 'kernel':
      return `the system killed its process${used}`;
  }
}

const CURVE_POINTS = 5;

/** `, curve 60 → 310 → 530 MB in 2.1 s`: some of the samples, and always the last. */
function describeCurve(curve: readonly MemorySample[]): string {
  const last = curve.at(-1);
  if (last === undefined || curve.length < 2) return '';
  const stride = Math.ceil((curve.length - 1) / (CURVE_POINTS - 1));
  const shown = curve.filter((_, n) => (curve.length - 1 - n) % stride === 0);
  const points = shown.map(({ bytes }) => String(Math.round(bytes / 1e6)));
  return `, curve ${points.join(' → ')} MB in ${formatDurationMs(last.atMs)}`;
}

function describeUserError(error: UserError): string {
  const firstLine = error.message.split('\n', 1)[0] ?? '';
  const place = error.decorator === undefined ? '' : `@${error.decorator}: `;
  return firstLine === ''
    ? `${place}it threw ${error.name}`
    : `${place}${error.name}: ${firstLine}`;
}

/** The error and what caused it, outermost first. */
export function causeChain(failure: Failure): readonly UserError[] {
  const chain: UserError[] = [];
  let error = failure.kind === 'user-error' ? failure : undefined;
  for (; error !== undefined; error = error.cause) chain.push(error);
  return chain;
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'];

/** `512 bytes`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length);
  return `${(bytes / 1_024 ** power).toFixed(1)} ${UNITS[power - 1]}`;
}
