import type { FlowEvent } from '../../model/events.ts';
import type { EventReader } from '../../model/reader.ts';
import type { TextSink } from './text-sink.ts';

/** The events themselves, one JSON object per line. */
export class JsonConsole implements EventReader {
  readonly #sink: TextSink;

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  onEvent(event: FlowEvent): void {
    this.#sink.write(`${JSON.stringify(event)}\n`);
  }
}
