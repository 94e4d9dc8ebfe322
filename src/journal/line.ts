import { crc32 } from '../base/crc32.ts';
import type { EventType, FlowEvent } from '../model/events.ts';

/**
 * One line of a journal: the event as JSON whose last member, `crc`, is the CRC-32 of all bytes
 * before it. So a line stays plain JSON for other tools, and a flipped byte anywhere is found.
 */
const CRC_LENGTH = ',"crc":"00000000"}'.length;
const CLOSING_BRACE = '}'.length;

/** More than one line needs, as a rule. */
const SCRATCH_BYTES = 8 * 1024;
/** In UTF-8, of one UTF-16 unit. */
const MOST_BYTES_PER_UNIT = 3;

/** Encodes lines into memory of its own: thousands of them a second are no garbage. */
export class LineEncoder {
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

  /** The line with its newline. It stands until the next one is encoded. */
  encode(event: FlowEvent): Buffer {
    const text = JSON.stringify(event);
    const room = text.length * MOST_BYTES_PER_UNIT + CRC_LENGTH;
    const line = room <= SCRATCH_BYTES ? this.#scratch : Buffer.allocUnsafeSlow(room);
    const end = line.write(text) - CLOSING_BRACE;
    const length = end + line.write(`${crcField(crc32(line, 0, end))}\n`, end, 'latin1');
    return line.subarray(0, length);
  }
}

/** The event of a line (given without its newline), or undefined if its checksum denies it. */
export function decodeLine(line: Buffer): unknown {
  const end = line.length - CRC_LENGTH;
  if (end < 1 || line.toString('latin1', end) !== crcField(crc32(line, 0, end))) return undefined;
  try {
    return JSON.parse(`${line.toString('utf8', 0, end)}}`);
  } catch {
    return undefined;
  }
}

function crcField(crc: number): string {
  return `,"crc":"${crc.toString(16).padStart(8, '0')}"}`;
}

const EVENT_TYPES: { readonly [type in EventType]: true } = {
  'run.started': true,
  'run.succeeded': true,
  'run.failed': true,
  'run.stopping': true,
  'run.cancelled': true,
  'task.launched': true,
  'task.succeeded': true,
  'task.failed': true,
  'task.cloned': true,
  'foreach.opened': true,
  'foreach.yielded': true,
  'hook.started': true,
  'hook.succeeded': true,
  'hook.failed': true,
  'gang.succeeded': true,
  'gang.failed': true,
};

/** The checksum vouches for the rest: the line is as a writer of this version made it. */
export function isKnownEvent(value: RawEvent): value is FlowEvent & RawEvent {
  return Object.hasOwn(EVENT_TYPES, value.type);
}

/** What every line has, also one of a newer Millrace. */
export interface RawEvent {
  readonly v: number;
  readonly seq: number;
  readonly type: string;
}

export function isRawEvent(value: unknown): value is RawEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    typeof value.v === 'number' &&
    'seq' in value &&
    typeof value.seq === 'number' &&
    'type' in value &&
    typeof value.type === 'string'
  );
}
