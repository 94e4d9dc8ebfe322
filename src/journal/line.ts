import { crc32 } from '../base/crc32.ts';
import type { EventType, FlowEvent } from '../model/events.ts';

/**
 * One line of a journal: the event as JSON whose last member, `crc`, is the CRC-32 of all bytes
 * before it. So a line stays plain JSON for other tools, and a flipped byte anywhere is found.
 */
const CRC_LENGTH = ',"crc":"00000000"}'.length;
const CLOSING_BRACE = '}'.length;

/** More than the lines of one turn need, as a rule. */
const SCRATCH_BYTES = 64 * 1024;
/** In UTF-8, of one UTF-16 unit. */
const MOST_BYTES_PER_UNIT = 3;

/** Lines that are still to be written, in memory of its own: thousands of them a second are no garbage. */
export class PendingLines {
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  #bytes = this.#scratch;
  #length = 0;

  /** They stand until the next one is added. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** Returns the length of the line with its newline. */
  add(event: FlowEvent): number {
    const text = JSON.stringify(event);
    this.#makeRoom(text.length * MOST_BYTES_PER_UNIT + CRC_LENGTH);
    const start = this.#length;
    const end = start + this.#bytes.write(text, start) - CLOSING_BRACE;
    const field = `${crcField(crc32(this.#bytes, start, end))}\n`;
    this.#length = end + this.#bytes.write(field, end, 'latin1');
    return this.#length - start;
  }

  clear(): void {
    this.#bytes = this.#scratch;
    this.#length = 0;
  }

  #makeRoom(needed: number): void {
    if (this.#length + needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * this.#length + needed);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
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
  return `,"crc":"${hex(crc >>> 24)}${hex(crc >>> 16)}${hex(crc >>> 8)}${hex(crc)}"}`;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Of the lowest byte. */
function hex(bits: number): string {
  return HEX[bits & 0xff] ?? '';
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
