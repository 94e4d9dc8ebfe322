import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';
import type { Behaviour } from './behaviour.ts';
import { flowSource } from './flow-source.ts';
import { refusalOf } from './invalid-pairs.ts';
import { CALLERS, type Ground } from './launch.ts';
import { Outing } from './outing.ts';
import { type CheckedOuting, OUTING_KINDS } from './outing-kinds.ts';
import { Pool } from './pool.ts';
import { selectPairs } from './select-pairs.ts';
import { flowName, type Shape } from './shape.ts';
import { SHAPES } from './shapes.ts';

type Place = Pick<Ground, 'caller' | 'isolation'>;

// A program hands the same request to the same scheduler: one way to start a pooled run is enough.
const places: readonly Place[] = [
  ...CALLERS.map((caller): Place => ({ caller, isolation: 'process' })),
  { caller: 'cli', isolation: 'pooled' },
];
const { isWanted, isReplay } = selectPairs(process.env['MILLRACE_MATRIX']);
const pool = new Pool(3);
let rig: FlowRig;

// Every shape × every behaviour × every way to start a run × every isolation level. A failing pair is
// replayed, with its flow printed, by MILLRACE_MATRIX='shape × behaviour'.
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
  for (const place of places) test(shape, { ...kind, checked }, place);
}

it('leaves out at most one pair in twenty', () => {
  const pairs = SHAPES.flatMap((shape) =>
    OUTING_KINDS.flatMap(({ checked }) => checked.map((one) => refusalOf(shape, one))),
  );
  const refused = pairs.filter((refusal) => refusal !== undefined).length;
  process.stdout.write(
    `${SHAPES.length} shapes × ${pairs.length / SHAPES.length} behaviours × ${places.length} places: ` +
      `${(pairs.length - refused) * places.length} pairs run, ${refused} of ${pairs.length} are invalid\n`,
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
  const begun = pool.add(() => Outing.begin(kind, shape, groundFor(shape, kind, place)));
  for (const behaviour of kind.checked) {
    it(`${shape.name}: ${behaviour.name} (${place.caller}, ${place.isolation})`, async () => {
      const outing = await begun();
      if (isReplay) process.stdout.write(`\n${outing.source}\n${outing.ran.transcript}\n`);
      await behaviour.check(outing);
    });
  }
}

function groundFor(shape: Shape, { name }: CheckedOuting, place: Place): Ground {
  const flow = flowName(shape);
  const dir = join(rig.dir, [flow, name, place.caller, place.isolation].join('-'));
  mkdirSync(dir);
  return { rig, dir, flow, ...place };
}
