import type { ChildExit } from '../../process/child-process.ts';

/** Of Node and of V8, where the system gives a new process no threads: then they abort. */
const MARKS = ['uv_thread_create', 'pthread_create:'];
const KEPT_CHARACTERS = 4_000;

/** A process that was started and then got no threads never ran: this tells it from one that crashed. */
export class ThreadShortage {
  #errors = '';

  /** What the process prints on stderr before it is of any use. */
  read(bytes: Uint8Array): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    this.#errors = (this.#errors + text).slice(-KEPT_CHARACTERS);
  }

  explain(exit: ChildExit): ChildExit {
    const isShort = exit.signal === 'SIGABRT' && MARKS.some((mark) => this.#errors.includes(mark));
    if (!isShort) return exit;
    return { ...exit, spawnError: { message: 'the system gave it no threads', code: 'EAGAIN' } };
  }
}
