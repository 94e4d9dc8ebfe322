import { readSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Awaitable } from '../../base/awaitable.ts';
import { CHANNEL_FD, encodeFrame, FrameReader } from './message-frames.ts';

/** The child's end of the conversation with its parent. At first it is paused. */
export interface Channel {
  /** One handler; what arrived before it was set is handed over then. */
  onMessage(handler: (message: unknown) => void): void;
  /** Done when the bytes are handed to the system, or when nobody can read them any more. */
  send(message: unknown): Awaitable<void>;
  /** Waits for messages, which keeps the process alive. */
  ref(): void;
  /** Hears messages from the next turn of the event loop on, while other things keep the process alive. */
  unref(): void;
  /** As `unref`, but messages may lie in the pipe for a while: nothing that is done needs any. */
  pause(): void;
}

export interface ChannelOptions {
  /**
   * Called once when the parent's end closes (it exited, or was killed). No error of the pipe surfaces:
   * a parent that is gone needs no answer.
   */
  readonly onDisconnect: () => void;
  /** Whether nothing but a message can make anything happen in this process. */
  readonly isAlone: () => boolean;
}

/** Takes the channel for the caller alone; call it before any code of the user's is loaded. */
export function takeChannel(options: ChannelOptions): Channel {
  return new PipeChannel(options);
}

/** As Node has them: code of the user's may replace them. */
const nextTurn = setImmediate;
const later = setTimeout;
const cancelTurn = clearImmediate;
const cancelTimer = clearTimeout;
const loadBuiltin = process.getBuiltinModule.bind(process);
const read = readSync;
const write = writeSync;

const READ_BYTES = 64 * 1024;
/** From here on a pause hears at least that the parent is gone: an import may never end. */
const LONG_PAUSE_MS = 100;

/**
 * Node's sockets cost a process a tenth of its start. So the channel blocks for its messages while
 * nothing else could happen, and becomes a socket only when something could.
 */
class PipeChannel implements Channel {
  readonly #options: ChannelOptions;
  readonly #frames: FrameReader;
  readonly #unheard: unknown[] = [];
  #handler: ((message: unknown) => void) | undefined;
  #mode: 'waiting' | 'listening' | 'paused' = 'paused';
  #turn: NodeJS.Immediate | undefined;
  #isDelivering = false;
  /** To read into; a large one for each message would be most of what is collected. */
  #chunk: Buffer | undefined;
  #longPause: NodeJS.Timeout | undefined;
  #socket: Socket | undefined;
  #isClosed = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#frames = new FrameReader((message) => {
      if (this.#handler === undefined) this.#unheard.push(message);
      else this.#handler(message);
    });
  }

  onMessage(handler: (message: unknown) => void): void {
    this.#handler = handler;
    for (const message of this.#unheard.splice(0)) handler(message);
  }

  send(message: unknown): Awaitable<void> {
    const frame = Buffer.from(encodeFrame(message));
    const rest = this.#socket === undefined ? this.#writeNow(frame) : frame;
    if (rest.length > 0) return this.#writeLater(rest);
  }

  ref(): void {
    this.#enter('waiting');
    this.#socket?.ref();
    this.#takeTurn();
  }

  unref(): void {
    this.#enter('listening');
    this.#socket?.unref();
    this.#takeTurn();
  }

  pause(): void {
    this.#enter('paused');
    this.#socket?.unref();
    cancelTurn(this.#turn);
    this.#turn = undefined;
    if (this.#socket !== undefined) return;
    this.#longPause = later(() => this.#open(), LONG_PAUSE_MS).unref();
  }

  #enter(mode: 'waiting' | 'listening' | 'paused'): void {
    this.#mode = mode;
    cancelTimer(this.#longPause);
    this.#longPause = undefined;
  }

  /** What is to be done is decided in the next turn: until then, whatever needs no turn is done. */
  #takeTurn(): void {
    if (this.#socket !== undefined || this.#isClosed || this.#isDelivering) return;
    this.#turn ??= nextTurn(() => {
      this.#turn = undefined;
      if (this.#mode === 'waiting' && this.#options.isAlone()) this.#block();
      else this.#open();
    });
  }

  #block(): void {
    const chunk = this.#chunk ?? Buffer.allocUnsafeSlow(READ_BYTES);
    this.#chunk = undefined;
    const length = this.#attempt(() => read(CHANNEL_FD, chunk));
    if (length === 0) return this.#close();
    if (length === undefined) return;
    // Timers that nobody has to wait for, and became due meanwhile, come first.
    this.#isDelivering = true;
    nextTurn(() => {
      this.#isDelivering = false;
      this.#frames.push(chunk.subarray(0, length));
      if (this.#frames.isEmpty) this.#chunk = chunk;
      if (this.#mode !== 'paused') this.#takeTurn();
    });
  }

  /** Returns what is left to write. */
  #writeNow(frame: Buffer): Buffer {
    let rest = frame;
    while (rest.length > 0 && !this.#isClosed) {
      const length = this.#attempt(() => write(CHANNEL_FD, rest));
      if (length === undefined) return this.#socket === undefined ? Buffer.of() : rest;
      rest = rest.subarray(length);
    }
    return rest;
  }

  /** Undefined: the parent is gone, or the pipe does not block and is a socket from now on. */
  #attempt(io: () => number): number | undefined {
    try {
      return io();
    } catch (error) {
      const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
      if (code === 'EAGAIN') this.#open();
      else if (code !== 'EPIPE') this.#close();
      return undefined;
    }
  }

  #writeLater(frame: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket === undefined || this.#socket.destroyed) resolve();
      else this.#socket.write(frame, () => resolve());
    });
  }

  #open(): void {
    if (this.#socket !== undefined || this.#isClosed) return;
    const { Socket } = loadBuiltin('node:net');
    const socket = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
    socket.on('data', (chunk: Buffer) => this.#frames.push(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#close());
    this.#socket = socket;
    if (this.#mode === 'waiting') socket.ref();
    else socket.unref();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.onDisconnect();
  }
}
