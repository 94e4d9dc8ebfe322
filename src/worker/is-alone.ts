import { streamsInUse } from './sync-output.ts';

/** Node's name for what stdout and stderr of a child are. */
const PIPE = 'PipeWrap';

/**
 * Whether only a message of the parent can make anything happen in this process: no timer, request,
 * server or child of the user's is under way, and no signal is listened to.
 */
export function isAlone(): boolean {
  let pipes = 0;
  for (const type of process.getActiveResourcesInfo()) {
    if (type !== PIPE) return false;
    pipes += 1;
  }
  return pipes <= streamsInUse() && !process.eventNames().some(isSignal);
}

function isSignal(event: string | symbol): boolean {
  return typeof event === 'string' && event.startsWith('SIG');
}
