import { createDeferred } from '../base/deferred.ts';
import { RedactedStream, type Redaction } from '../base/redaction.ts';
import type { LogStream } from '../model/ports/executor.ts';

export type LogHandler = (stream: LogStream, bytes: Uint8Array) => void | Promise<void>;

const UNHEARD_LIMIT_BYTES = 1024 * 1024;

/**
 * What a child prints, without secrets, on its way to whoever listens. What comes before anybody does
 * is kept for the first listener; it is looked through only then, when the secrets are known.
 */
export class ChildOutput {
  readonly #redaction: Redaction;
  #streams: { readonly [S in LogStream]: RedactedStream };
  readonly #unheard: { readonly stream: LogStream; readonly bytes: Uint8Array }[] = [];
  #unheardBytes = 0;
  #heard = createDeferred<void>();
  #listener: LogHandler | undefined;
  #hasEnded = false;

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
    this.#streams = openStreams(redaction);
  }

  listen(listener: LogHandler): void {
    this.#listener = listener;
    for (const { stream, bytes } of this.#unheard.splice(0)) void this.write(stream, bytes);
    if (this.#hasEnded) void this.end();
    this.#heard.resolve();
  }

  write(stream: LogStream, bytes: Uint8Array): void | Promise<void> {
    if (this.#listener === undefined) return this.#keep(stream, bytes);
    const shown = this.#streams[stream].push(bytes);
    if (shown.length > 0) return this.#listener(stream, shown);
  }

  /** After the last bytes: what was held back, because a secret could have begun with it. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#handOverRest();
  }

  /** Between two tasks: the listener has all that is his, and the next one begins anew. */
  async rest(): Promise<void> {
    await this.#handOverRest();
    this.#streams = openStreams(this.#redaction);
    this.#listener = undefined;
    this.#unheardBytes = 0;
    this.#heard = createDeferred();
  }

  async #handOverRest(): Promise<void> {
    if (this.#listener === undefined) return;
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#streams[stream].end();
      if (rest.length > 0) await this.#listener(stream, rest);
    }
  }

  #keep(stream: LogStream, bytes: Uint8Array): void | Promise<void> {
    this.#unheard.push({ stream, bytes });
    this.#unheardBytes += bytes.length;
    // A spare that floods its pipes has to wait for its task.
    if (this.#unheardBytes > UNHEARD_LIMIT_BYTES) return this.#heard.promise;
  }
}

function openStreams(redaction: Redaction): { readonly [S in LogStream]: RedactedStream } {
  return { stdout: new RedactedStream(redaction), stderr: new RedactedStream(redaction) };
}
