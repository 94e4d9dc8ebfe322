import { Redaction } from '../base/redaction.ts';
import type { InlineClass } from '../model/ports/inline-worker.ts';
import { ChildOutput } from './child-output.ts';
import { redactFailure } from './redact-message.ts';
import type { StartHook } from './started-hook.ts';

/** Hooks in this process. One that is to end is given up at once, whatever it still does. */
export function hooksInline(
  startHook: InlineClass['startHook'],
  secrets: readonly string[],
): StartHook {
  const redaction = new Redaction(secrets);
  return ({ onLog, ...hook }) => {
    const output = new ChildOutput(redaction);
    output.listen(onLog);
    const started = startHook({
      ...hook,
      onLog: (stream, bytes) => void output.write(stream, bytes),
    });
    const failure = started.failure.then(async (failed) => {
      await output.end();
      return failed && redactFailure(failed, redaction);
    });
    return { failure, stop: started.abandon, kill: started.abandon };
  };
}
