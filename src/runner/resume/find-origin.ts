import type { Client } from '../../client/client.ts';
import type { RunSummary } from '../../client/run-summary.ts';
import { FlowError } from '../../model/errors.ts';

/** Throws FlowError: no run of that name, or none that could be gone on from. */
export async function findOrigin(
  client: Client,
  flow: string,
  named: string | undefined,
): Promise<RunSummary> {
  if (named === undefined) {
    for (const run of await client.runs({ flow })) {
      if (isUnfinished(run)) return run;
    }
    throw new FlowError(`There is nothing to resume: no run of ${flow} failed or was cut short.`, {
      code: 'NOTHING_TO_RESUME',
      hint: 'see flow runs; a run that is named is gone on from in any case, one that succeeded too',
    });
  }
  const run = client.summary(await client.findRun(named));
  if (run.flow === flow) return run;
  throw new FlowError(`The run ${run.run} is one of ${run.flow}, not of ${flow}.`, {
    code: 'ORIGIN_OF_OTHER_FLOW',
    hint: 'name a run of the flow in the file, or the file of that flow',
  });
}

/** What a resume goes on from by default: it began, and neither runs nor succeeded. */
export function isUnfinished({ status, hasBegun }: RunSummary): boolean {
  return hasBegun && status !== 'succeeded' && status !== 'running';
}
