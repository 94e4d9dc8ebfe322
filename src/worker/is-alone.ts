import { countOpenResources } from './open-resources.ts';

/**
 * Whether only a message of the parent can make anything happen in this process: nothing of the user's
 * is under way, and no signal is listened to.
 */
export function isAlone(): boolean {
  for (const count of countOpenResources().values()) if (count > 0) return false;
  return !process.eventNames().some(isSignal);
}

function isSignal(event: string | symbol): boolean {
  return typeof event === 'string' && event.startsWith('SIG');
}
