import type { LogStream } from '../model/ports/executor.ts';
import type { TextSink } from '../observe/console/text-sink.ts';

const FLUSH_AFTER_MS = 50;

/**
 * Below the cell. Each write is a message to the browser, so lines that come together go together;
 * what goes to the other stream is never overtaken.
 */
export class CellOutput {
  readonly stdout: TextSink = { write: (text) => this.#write('stdout', text) };
  readonly stderr: TextSink = { write: (text) => this.#write('stderr', text) };
  #stream: LogStream = 'stdout';
  #text = '';
  #timer: NodeJS.Timeout | undefined;

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#text;
    this.#text = '';
    // Looked up each time: a kernel replaces the method for every cell.
    if (text !== '') process[this.#stream].write(text);
  }

  #write(stream: LogStream, text: string): void {
    if (stream !== this.#stream) this.flush();
    this.#stream = stream;
    this.#text += text;
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS);
  }
}
