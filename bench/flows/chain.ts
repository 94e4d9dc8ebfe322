import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { FlowSpec, step } from 'millrace';

const ROUNDS = 30;
/** Long enough for the next process to be ready. */
const PAUSE_MS = 200;

/** One task after the other; each says when its first line ran. */
export class Chain extends FlowSpec {
  round = 0;
  way: 'again' | 'done' = 'again';

  @step start() {
    this.next(this.turn);
  }
  @step async turn() {
    appendFileSync('firsts.txt', `${performance.timeOrigin + performance.now()}\n`);
    await pause(PAUSE_MS);
    this.round += 1;
    this.way = this.round < ROUNDS ? 'again' : 'done';
    this.next({ again: this.turn, done: this.end }, { condition: this.way });
  }
  @step end() {}
}
