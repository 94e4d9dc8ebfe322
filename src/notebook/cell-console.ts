import picocolors from 'picocolors';
import type { FlowEvent } from '../model/events.ts';
import type { EventReader, LogText } from '../model/reader.ts';
import { PlainConsole } from '../observe/console/plain.ts';
import { SummaryConsole } from '../observe/console/summary.ts';
import { CellOutput } from './cell-output.ts';

/**
 * Shows a run below the cell that started it: progress, and what tasks print on stdout, as the cell's
 * stdout; what they print on stderr as its stderr; a summary at the end.
 */
export class CellConsole implements EventReader {
  readonly #output = new CellOutput();
  readonly #progress = new PlainConsole(this.#output.stdout);
  readonly #errors = new PlainConsole(this.#output.stderr, { only: 'logs' });
  readonly #summary: SummaryConsole;

  constructor(cwd: string) {
    const colors = picocolors.createColors(false);
    this.#summary = new SummaryConsole(this.#output.stdout, { colors, cwd, program: 'npx flow' });
  }

  onEvent(event: FlowEvent): void {
    this.#progress.onEvent(event);
    this.#errors.onEvent(event);
    this.#summary.onEvent(event);
  }

  onLog(text: LogText): void {
    (text.stream === 'stderr' ? this.#errors : this.#progress).onLog(text);
    this.#summary.onLog(text);
  }

  close(): void {
    this.#summary.close();
    this.#output.flush();
  }
}
