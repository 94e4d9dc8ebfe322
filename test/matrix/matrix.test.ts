import { existsSync, mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkStore } from '../../src/client/fsck/check-store.ts';
import { FlowRig } from '../rig/flow-rig.ts';
import type { Behaviour } from './behaviour.ts';
import { configs } from './behaviours/configs.ts';
import { flowSource } from './flow-source.ts';
import { refusalOf } from './invalid-pairs.ts';
import type { Ground } from './launch.ts';
import { Outing } from './outing.ts';
import { type CheckedOuting, OUTING_KINDS } from './outing-kinds.ts';
import { PLACES, type Place, placesOf } from './places.ts';
import { Pool } from './pool.ts';
import { selectPairs } from './select-pairs.ts';
import { flowName, type Shape } from './shape.ts';
import { SHAPES } from './shapes.ts';

const { isWanted, isReplay } = selectPairs(process.env['MILLRACE_MATRIX']);
const pool = new Pool(3);
let rig: FlowRig;

// Every shape × every behaviour, at places that take turns: ways to start a run × isolation levels. A
// failing pair is replayed, with its flow printed, by MILLRACE_MATRIX='shape × behaviour'; all pairs run
// at all places with MILLRACE_MATRIX_PLACES=all.
beforeAll(async () => {
  rig = await FlowRig.create();
  pool.open();
});
afterAll(async () => {
  pool.close();
  await pool.idle();
  await rig[Symbol.asyncDispose]();
});

for (const shape of SHAPES) {
  for (const kind of OUTING_KINDS) testKind(shape, kind);
}

function testKind(shape: Shape, kind: CheckedOuting): void {
  const checked: Behaviour[] = [];
  for (const behaviour of kind.checked.filter((one) => isWanted(shape, one))) {
    const refusal = refusalOf(shape, behaviour);
    if (refusal === undefined) checked.push(behaviour);
    else testRefused(shape, kind, { behaviour, refusal });
  }
  if (checked.length === 0) return;
  for (const place of placesFor(shape, kind)) test(shape, { ...kind, checked }, place);
}

function placesFor(shape: Shape, kind: CheckedOuting): readonly Place[] {
  const turn = { shape: SHAPES.indexOf(shape), kind: kindOf(kind), count: kind.places };
  return placesOf(shape, turn);
}

function kindOf({ name }: CheckedOuting): number {
  return OUTING_KINDS.findIndex((one) => one.name === name);
}

it('leaves stores in which everything fits together, the indices of all runs among it', async () => {
  for (const folder of await readdir(rig.dir)) {
    const store = join(rig.dir, folder, '.millrace');
    const { findings } = existsSync(store) ? await checkStore(store) : { findings: [] };
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  }
});

it('leaves out at most one pair in twenty', () => {
  const pairs = SHAPES.flatMap((shape) =>
    OUTING_KINDS.flatMap((kind) =>
      kind.checked.map((one) => ({
        isRefused: refusalOf(shape, one) !== undefined,
        places: placesFor(shape, kind).length,
      })),
    ),
  );
  const valid = pairs.filter(({ isRefused }) => !isRefused);
  const refused = pairs.length - valid.length;
  const checks = valid.reduce((sum, { places }) => sum + places, 0);
  process.stdout.write(
    `${SHAPES.length} shapes × ${pairs.length / SHAPES.length} behaviours: ${valid.length} pairs, ` +
      `checked ${checks} times at ${PLACES.length} places in turn; ` +
      `${refused} of ${pairs.length} are invalid\n`,
  );
  expect(refused / pairs.length).toBeLessThanOrEqual(0.05);
});

interface Refused {
  readonly behaviour: Behaviour;
  readonly refusal: string;
}

function testRefused(shape: Shape, { name, riders }: CheckedOuting, refused: Refused): void {
  it(`${shape.name}: ${refused.behaviour.name} is refused`, async () => {
    const file = `${flowName(shape)}-${name}-refused/flow.ts`;
    await rig.write(file, flowSource(shape, riders));
    const { code, stdout } = await rig.flow(['check', file, '--json']);
    expect(code).toBe(1);
    expect(stdout).toContain(JSON.stringify(refused.refusal));
  });
}

function test(shape: Shape, kind: CheckedOuting, place: Place): void {
  const placed: Shape = place.isolation === 'inline' ? { ...shape, isInline: true } : shape;
  const begun = pool.add(() => Outing.begin(kind, placed, groundFor(shape, kind, place)));
  for (const behaviour of kind.checked) {
    it(`${shape.name}: ${behaviour.name} (${place.caller}, ${place.isolation})`, async () => {
      const outing = await begun();
      if (isReplay) process.stdout.write(`\n${outing.source}\n${outing.ran.transcript}\n`);
      await behaviour.check(outing);
    });
  }
}

function groundFor(shape: Shape, kind: CheckedOuting, place: Place): Ground {
  const { name, riders } = kind;
  const flow = flowName(shape);
  const isRead = place.caller === 'cli' && name === 'plain' && SHAPES.indexOf(shape) % 2 === 0;
  const dir = join(rig.dir, [flow, name, place.caller, place.isolation].join('-'));
  mkdirSync(dir);
  const reader = isRead ? 'commands' : 'client';
  return { rig, dir, flow, reader, hasConfigs: riders.includes(configs), ...place };
}
