import { signalGroup, trySignal } from './group.ts';
import { descendantsOf, readProcessTable } from './process-table.ts';

/**
 * Kills a group, and the descendants of its leader that have left it. Those must be found while
 * their parents live, so before the group goes.
 */
export function killTree(leader: number): void {
  if (process.platform === 'linux') killByTable(leader);
  else void killByTreeKill(leader);
}

/** In one go, without starting a `ps`, which slim images do not have. */
function killByTable(leader: number): void {
  const strays = descendantsOf(leader, readProcessTable()).filter(({ group }) => group !== leader);
  signalGroup(leader, 'SIGKILL');
  for (const { pid } of strays) trySignal(pid, 'SIGKILL');
}

/** Elsewhere the tree is found by a program; meanwhile the group stands still. */
async function killByTreeKill(leader: number): Promise<void> {
  signalGroup(leader, 'SIGSTOP');
  const { default: treeKill } = await import('tree-kill');
  treeKill(leader, 'SIGKILL', () => signalGroup(leader, 'SIGKILL'));
}
