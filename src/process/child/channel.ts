import { Socket } from 'node:net';
import { CHANNEL_FD, encodeFrame, FrameReader } from './message-frames.ts';

/** The child's end of the conversation with its parent. */
export interface Channel {
  /** One handler; what arrived before it was set is handed over then. */
  onMessage(handler: (message: unknown) => void): void;
  /** Resolves when the bytes are handed to the system, or when nobody can read them any more. */
  send(message: unknown): Promise<void>;
  /** Whether waiting for messages keeps the process alive. At first it does not. */
  ref(): void;
  unref(): void;
  close(): void;
}

/**
 * Takes the channel for the caller alone; call it before any code of the user's is loaded.
 * The parent's end closing (it exited, or was killed) calls `onDisconnect` once. No error of the
 * pipe surfaces: a parent that is gone needs no answer.
 */
export function takeChannel(onDisconnect: () => void): Channel {
  const socket = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
  const unheard: unknown[] = [];
  let handler: ((message: unknown) => void) | undefined;
  let isClosed = false;
  const reader = new FrameReader((message) => {
    if (handler === undefined) unheard.push(message);
    else handler(message);
  });
  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    if (!isClosed) onDisconnect();
    isClosed = true;
  });
  socket.unref();
  return {
    onMessage(next) {
      handler = next;
      for (const message of unheard.splice(0)) next(message);
    },
    send: (message) =>
      new Promise((resolve) => {
        if (socket.destroyed) resolve();
        else socket.write(encodeFrame(message), () => resolve());
      }),
    ref: () => void socket.ref(),
    unref: () => void socket.unref(),
    close() {
      isClosed = true;
      socket.destroy();
    },
  };
}
