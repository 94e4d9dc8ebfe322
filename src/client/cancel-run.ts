import { assertNever } from '../base/assert-never.ts';
import { readLiveness } from '../journal/liveness.ts';
import { sendRequest, takesRequests } from '../journal/requests.ts';
import { EXIT, FlowError } from '../model/errors.ts';
import type { Client } from './client.ts';
import type { RunReference } from './run-reference.ts';
import type { RunStatus } from './run-summary.ts';

export interface CancelOptions {
  /** Kill its tasks at once, without their grace. */
  readonly now: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Asks a run to stop, from any process of the same machine, and waits for its end. Returns what became
 * of it: it may have ended otherwise just before. Throws FlowError `RUN_NOT_RUNNING`, `RUN_ELSEWHERE`.
 */
export async function cancelRun(
  client: Client,
  run: RunReference,
  { now, signal }: CancelOptions,
): Promise<RunStatus> {
  ask(run, 'stop');
  for await (const event of client.followEvents(run, signal === undefined ? {} : { signal })) {
    // Two signals at once are one to the system: the second waits until the first has been heard.
    if (now && event.type === 'run.stopping') ask(run, 'kill');
  }
  return client.summary(run).status;
}

function ask(run: RunReference, request: 'stop' | 'kill'): void {
  const liveness = readLiveness(run.dir);
  switch (liveness.kind) {
    case 'running':
      // The first signal stops a run, the second one kills it.
      if (takesRequests(run.dir)) sendRequest(run.dir, request);
      else process.kill(liveness.pid, 'SIGTERM');
      return;
    case 'unknown':
      throw new FlowError(`The run ${run.flow}/${run.run} is held by ${liveness.host}.`, {
        code: 'RUN_ELSEWHERE',
        hint: 'cancel it there',
        exitCode: EXIT.failed,
      });
    case 'ended':
    case 'lost':
      // A kill right after a stop may come too late, and that is well.
      if (request === 'kill') return;
      throw new FlowError(`The run ${run.flow}/${run.run} does not run any more.`, {
        code: 'RUN_NOT_RUNNING',
        hint: 'see what became of it with flow inspect',
        exitCode: EXIT.failed,
      });
    default:
      assertNever(liveness);
  }
}
