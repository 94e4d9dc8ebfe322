import type { EventDraft, FlowEvent } from '../events.ts';

/** The one writer of a run's journal. Lines are in the order of the calls. */
export interface JournalWriter {
  /**
   * Stamps the event (`v`, `seq`, `at`, `run`) and returns it. Nothing may follow from it before
   * {@link JournalWriter.commit}, and with `--durability power` before {@link JournalWriter.flush}.
   */
  append(draft: EventDraft): FlowEvent;
  /** Hands all that was appended to the kernel before it returns, so that it survives any kill of ours. */
  commit(): void;
  /** In bytes: where the next line begins. */
  readonly length: number;
  /** Commit and fsync of what was appended so far. Group commit: at most one fsync per 200 ms unless asked. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
