import type { EventDraft, FlowEvent } from '../events.ts';

/** The one writer of a run's journal. Lines are in the order of the calls. */
export interface JournalWriter {
  /**
   * Stamps the event (`v`, `seq`, `at`, `run`), hands it to the kernel before it returns (so that it
   * survives any kill of ours), and returns it. With `--durability power` callers also await
   * {@link JournalWriter.flush} before anything follows from it.
   */
  append(draft: EventDraft): FlowEvent;
  /** In bytes: where the next line begins. */
  readonly length: number;
  /** fsync of what was appended so far. Group commit: at most one fsync per 200 ms unless asked. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
