import type { EventDraft, FlowEvent } from '../model/events.ts';
import type { JournalWriter } from '../model/ports/journal.ts';
import type { EventReader } from '../model/reader.ts';

interface RecorderOptions {
  readonly journal: JournalWriter;
  readonly readers: readonly EventReader[];
  /** Hears why what was recorded in a turn cannot be written at its end. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * The way of events into the journal, and then to who looks on. What becomes known in one turn is written
 * together at its end: a task's end and the launches that follow from it take one write.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  #untold: FlowEvent[] = [];
  #written: Promise<boolean> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Nothing may follow from it outside of the scheduler before {@link Recorder.written}. */
  record(draft: EventDraft): FlowEvent {
    const event = this.#options.journal.append(draft);
    this.#untold.push(event);
    void this.written();
    return event;
  }

  /** Resolves when all that is recorded in this turn is in the journal, with false where it cannot be. */
  written(): Promise<boolean> {
    this.#written ??= this.#writeLater();
    return this.#written;
  }

  /** The same now; throws where it cannot be. */
  write(): void {
    const { journal, readers } = this.#options;
    journal.commit();
    const events = this.#untold;
    if (events.length === 0) return;
    this.#untold = [];
    for (const event of events) {
      for (const reader of readers) reader.onEvent(event);
    }
  }

  async #writeLater(): Promise<boolean> {
    await Promise.resolve();
    this.#written = undefined;
    try {
      this.write();
      return true;
    } catch (error) {
      this.#options.onFailure?.(error);
      return false;
    }
  }
}
