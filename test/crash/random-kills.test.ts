import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openClient } from '../../src/client/client.ts';
import { descendantsOf, readProcessTable } from '../../src/process/process-table.ts';
import { FlowRig, type RunningCommand } from '../rig/flow-rig.ts';
import { chance, choose } from '../simulation/chance.ts';
import { type Chain, checkAftermath, crashFlow, sameEnd } from './crash-rig.ts';
import { inLanes } from './lanes.ts';

/** `npm run soak` asks for more. A seed replays what was killed, and when, as far as clocks do. */
const ROUNDS = Number(process.env['MILLRACE_CRASH_ROUNDS'] ?? 200);
const SEED = Number(process.env['MILLRACE_CRASH_SEED'] ?? Math.floor(Math.random() * 1e9));
const WIDTH = 3;

const TARGETS = ['scheduler', 'everything', 'task', 'guard', 'guard and scheduler'] as const;
type Target = (typeof TARGETS)[number];
const ISOLATED = ['process', 'pooled', 'inline'] as const;

/** An undisturbed run. */
type Took = { readonly [isolation in Kill['isolation']]: number };

interface Kill {
  readonly isolation: (typeof ISOLATED)[number];
  readonly target: Target;
  readonly afterMs: number;
}

it(`survives kill -9 at ${ROUNDS} random moments: no work is lost or done twice, nothing is left alive`, async () => {
  const reference = await undisturbed();
  const kills = new Map<string, number>();
  let runs = 0;
  await inLanes(ROUNDS, async (round) => {
    const seed = SEED + round;
    try {
      const chain = await killAndResume(seed, reference.tookMs, kills);
      expect(sameEnd(chain, reference)).toBe(true);
      runs += chain.runs;
    } catch (error) {
      throw new Error(`MILLRACE_CRASH_ROUNDS=1 MILLRACE_CRASH_SEED=${seed} replays this`, {
        cause: error,
      });
    }
  });
  const told = [...kills].map(([target, count]) => `${target} ${count}`).toSorted();
  process.stdout.write(
    `${ROUNDS} rounds, ${runs} runs, seed ${SEED}; killed: ${told.join(', ')}\n`,
  );
});

async function undisturbed(): Promise<Chain & { readonly tookMs: Took }> {
  await using rig = await FlowRig.create();
  await rig.write('flow.ts', crashFlow(WIDTH));
  const tookMs = { process: 0, pooled: 0, inline: 0 };
  for (const isolation of ISOLATED) {
    const beganMs = performance.now();
    await rig.ok(['run', 'flow.ts', '--isolation', isolation]);
    tookMs[isolation] = performance.now() - beganMs;
  }
  return { ...(await checkAftermath(rig)), tookMs };
}

async function killAndResume(
  seed: number,
  tookMs: Took,
  kills: Map<string, number>,
): Promise<Chain> {
  await using rig = await FlowRig.create();
  await rig.write('flow.ts', crashFlow(WIDTH));
  const isolation = choose(seed, 'isolation', ISOLATED);
  const mishaps = chance(seed, 'mishaps') < 0.5 ? 1 : 2;
  for (let mishap = 0; mishap < mishaps; mishap += 1) {
    const target = choose(seed, `target ${mishap}`, TARGETS);
    const afterMs = chance(seed, `moment ${mishap}`) * tookMs[isolation] * 1.2;
    await disturb(rig, { target, isolation, afterMs });
    kills.set(target, (kills.get(target) ?? 0) + 1);
  }
  if ((await statusOf(rig)) !== 'succeeded') await rig.ok(await nextCommand(rig, isolation));
  return await checkAftermath(rig);
}

async function disturb(rig: FlowRig, { target, isolation, afterMs }: Kill): Promise<void> {
  if ((await statusOf(rig)) === 'succeeded') return;
  const command = rig.start(await nextCommand(rig, isolation));
  await Promise.race([delay(afterMs), command.finished]);
  killNow(command, target);
  await command.finished;
  await rig.emptied();
}

/** What a person would type: a run that never began cannot be resumed. */
async function nextCommand(rig: FlowRig, isolation: Kill['isolation']): Promise<string[]> {
  const command = (await statusOf(rig)) === undefined ? 'run' : 'resume';
  return [command, 'flow.ts', '--grace', '1s', '--isolation', isolation];
}

/** Of the last run that began. */
async function statusOf(rig: FlowRig): Promise<string | undefined> {
  const runs = await openClient(rig.store).runs();
  return runs.find(({ hasBegun }) => hasBegun)?.status;
}

function killNow(command: RunningCommand, target: Target): void {
  if (command.ended) return;
  const children = descendantsOf(command.pid, readProcessTable());
  const [guards, tasks] = [children.filter(isGuard), children.filter(isTask)];
  if (target === 'task') return end(tasks.slice(0, 1));
  if (target !== 'scheduler') end(guards);
  if (target !== 'guard') command.kill('SIGKILL');
  if (target === 'everything') end(children);
}

function isGuard({ pid }: { readonly pid: number }): boolean {
  return commandLine(pid).includes('guard.sh');
}

function isTask({ pid }: { readonly pid: number }): boolean {
  return commandLine(pid).includes('worker.cjs');
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // It ended meanwhile.
  }
}

function end(processes: readonly { readonly pid: number }[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}
