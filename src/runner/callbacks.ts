import type { FlowEvent } from '../model/events.ts';
import type { FlowGraph } from '../model/graph.ts';
import { type EventReader, type LogLine, type LogText, logLinesOf } from '../model/reader.ts';
import { ProgressCounts, type RunnerProgress } from './progress-counts.ts';

/** Functions of the program that are told of a run while it goes on. */
export interface RunCallbacks {
  /** Called with each event as it is recorded. */
  readonly onEvent?: (event: FlowEvent) => void;
  /** Called with each line that a task prints. */
  readonly onLog?: (line: LogLine) => void;
  /** Called with all counts whenever one of them changes. */
  readonly onProgress?: (progress: RunnerProgress) => void;
}

/**
 * Calls the program back. What a callback throws is the program's mistake and no failure of a task:
 * it is told once, and nothing is called any more.
 */
export class CallbackReader implements EventReader {
  readonly #callbacks: RunCallbacks;
  readonly #onThrown: (error: unknown) => void;
  readonly #counts: ProgressCounts | undefined;
  #hasThrown = false;

  constructor(callbacks: RunCallbacks, onThrown: (error: unknown) => void) {
    this.#callbacks = callbacks;
    this.#onThrown = onThrown;
    if (callbacks.onProgress !== undefined) this.#counts = new ProgressCounts();
  }

  onGraph(graph: FlowGraph): void {
    this.#counts?.readGraph(graph);
  }

  onEvent(event: FlowEvent): void {
    const { onEvent, onProgress } = this.#callbacks;
    this.#call(onEvent, event);
    this.#counts?.readEvent(event);
    if (this.#counts !== undefined) this.#call(onProgress, this.#counts.snapshot(event.run));
  }

  onLog(text: LogText): void {
    const { onLog } = this.#callbacks;
    if (onLog === undefined) return;
    for (const line of logLinesOf(text)) this.#call(onLog, line);
  }

  #call<T>(callback: ((value: T) => unknown) | undefined, value: T): void {
    if (callback === undefined || this.#hasThrown) return;
    try {
      const result = callback(value);
      if (result instanceof Promise) result.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#hasThrown) return;
    this.#hasThrown = true;
    this.#onThrown(error);
  }
}
