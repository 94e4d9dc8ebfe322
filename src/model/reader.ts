import type { FlowEvent } from './events.ts';
import type { FlowGraph } from './graph.ts';
import type { Position } from './ids.ts';
import type { LogStream } from './ports/executor.ts';

/** Who looks on while a run goes: consoles, progress, metrics. A reader never changes the run. */
export interface EventReader {
  /** Once, before the first event. */
  onGraph?(graph: FlowGraph): void;
  onEvent(event: FlowEvent): void;
  onLog?(text: LogText): void;
  /** After the last event; the run's summary may be printed here. */
  close?(): void | Promise<void>;
}

/** What a task printed: one line or several that came together, or a piece of a very long line. */
export interface LogText {
  readonly step: string;
  readonly position: Position;
  readonly attempt: number;
  readonly stream: LogStream;
  /** Lines with a newline between them, without the last line end. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The same, where `text` is one line without its end, or a piece of a very long one. */
export type LogLine = LogText;

export function logLinesOf(text: LogText): readonly LogLine[] {
  return text.text.split('\n').map((line) => ({ ...text, text: line }));
}
