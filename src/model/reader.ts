import type { FlowEvent } from './events.ts';
import type { FlowGraph } from './graph.ts';
import type { Position } from './ids.ts';
import type { LogStream } from './ports/executor.ts';

/** Who looks on while a run goes: consoles, progress, metrics. A reader never changes the run. */
export interface EventReader {
  /** Once, before the first event. */
  onGraph?(graph: FlowGraph): void;
  onEvent(event: FlowEvent): void;
  onLog?(line: LogLine): void;
  /** After the last event; the run's summary may be printed here. */
  close?(): void | Promise<void>;
}

/** One line of a task, or a piece of a very long one. */
export interface LogLine {
  readonly step: string;
  readonly position: Position;
  readonly attempt: number;
  readonly stream: LogStream;
  /** Without its line end. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
