import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { clientOf, type StoreOptions } from '../client/store-options.ts';
import { FlowError } from '../model/errors.ts';
import { taskPath } from '../model/ids.ts';
import type { BlobStore } from '../model/ports/blob-store.ts';
import type { TaskSpec } from '../model/task.ts';
import { VERSION } from '../model/version.ts';
import { findSpinOrigin } from '../runner/spin/find-spin-origin.ts';
import { recordedSpec } from '../runtime/spin/recorded-spec.ts';
import { refuseGang } from '../runtime/spin/refuse-gang.ts';
import { namedInputs } from '../runtime/spin/require-inputs.ts';
import { storeLayout } from '../store/layout.ts';
import { openLocalBlobStore } from '../store/local/blob-store.ts';
import { OverlayBlobs } from './overlay-blobs.ts';
import { refuse } from './spec-request.ts';
import type { StepFixture } from './step-fixture.ts';

/** Of the folder's own. */
const FORMAT = 1;
const TASK_FILE = 'task.json';

interface KeptFixture {
  readonly format: number;
  readonly millrace: string;
  readonly flow: string;
  readonly spec: TaskSpec;
}

/**
 * Keeps what a run gave to a task (artifacts, item, inputs, parameters; no secrets) in a folder that can
 * be committed. A fixture that is there is replaced.
 *
 * @param task as `flow spin` takes it: `latest/average/1`, `Flow/run/step/task`; without a task the one
 *   that failed, else the first. Or a task of the client, or of a {@link TestRun}.
 * @param folder relative to the working directory.
 * @param options the store, where it is not found as on the command line.
 * @throws FlowError `TARGET_INVALID`, `RUN_NOT_FOUND`, `STEP_UNKNOWN`, `TASK_NOT_FOUND`, `INPUTS_GONE`,
 *   `FIXTURE_FOLDER_TAKEN`.
 * @example
 * ```ts
 * await fixtureFrom('latest/average/1', 'fixtures/rome');
 * ```
 */
export async function fixtureFrom(
  task: string | { readonly pathspec: string },
  folder: string,
  options: StoreOptions = {},
): Promise<StepFixture> {
  const client = clientOf(options);
  const origin = await findSpinOrigin(typeof task === 'string' ? task : task.pathspec, client);
  refuseGang(origin.graph, origin.task);
  const { started, step: node } = origin;
  const recorded = { ...origin, node, origin: started, parameters: started.parameters };
  const spec = await recordedSpec(recorded, client.blobs);
  const root = resolve(folder);
  await clearFolder(root);
  await copyBlobs(spec, client.blobs, root);
  const kept: KeptFixture = { format: FORMAT, millrace: VERSION, flow: started.flow, spec };
  await writeFile(join(root, TASK_FILE), `${JSON.stringify(kept, undefined, 2)}\n`);
  return loadFixture(root);
}

/** Only what a fixture is made of is ever removed. */
async function clearFolder(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const names = await readdir(root);
  if (names.length > 0 && !names.includes(TASK_FILE)) {
    throw new FlowError(`The folder ${root} holds something else than a fixture.`, {
      code: 'FIXTURE_FOLDER_TAKEN',
      hint: 'name a folder that is empty, or not there yet',
    });
  }
  for (const name of [TASK_FILE, 'blobs'])
    await rm(join(root, name), { recursive: true, force: true });
}

async function copyBlobs(spec: TaskSpec, from: BlobStore, root: string): Promise<void> {
  const to = openLocalBlobStore(root);
  const refs = [...namedInputs(spec, from)].map(([, ref]) => ref);
  const all = spec.inputs === undefined ? refs : [...refs, spec.inputs];
  for (const { inline, hash } of all) {
    if (inline === undefined) await to.putStream(from.stream(hash));
  }
  await rm(storeLayout(root).tmpDir, { recursive: true, force: true });
}

/**
 * What {@link fixtureFrom} has kept, for `testStep(Flow, 'step', { fixture })`.
 *
 * @param folder relative to the working directory.
 * @throws FlowError `FIXTURE_MISSING`, `FIXTURE_UNREADABLE`, `FIXTURE_NEWER`.
 */
export function loadFixture(folder: string): StepFixture {
  const root = resolve(folder);
  const { flow, spec } = readKept(join(root, TASK_FILE));
  const fixture = { flow, step: spec.step, task: spec.position, run: spec.run.id, folder: root };
  SPECS.set(fixture, spec);
  return fixture;
}

/** Behind the fixtures of this process. */
const SPECS = new WeakMap<StepFixture, TaskSpec>();

export interface FixtureParts {
  readonly blobs: BlobStore;
  readonly recorded: TaskSpec;
}

/** Throws FlowError `TEST_GIVEN` for a fixture of another step. */
export function fixtureParts(
  fixture: StepFixture | undefined,
  step: string,
): FixtureParts | undefined {
  if (fixture === undefined) return undefined;
  const recorded = SPECS.get(fixture);
  if (recorded === undefined) throw unreadable(fixture.folder, 'it was not made by loadFixture');
  const path = taskPath(recorded);
  refuse(recorded.step !== step, `the fixture ${fixture.folder} is of ${path}, not of "${step}"`);
  return { recorded, blobs: new OverlayBlobs(openLocalBlobStore(fixture.folder)) };
}

function readKept(file: string): KeptFixture {
  if (!existsSync(file)) {
    throw new FlowError(`There is no fixture ${file}`, {
      code: 'FIXTURE_MISSING',
      hint: "record one: await fixtureFrom('latest/step', folder)",
    });
  }
  const kept: unknown = parse(file);
  if (!isKept(kept)) throw unreadable(file, 'it holds no fixture');
  if (kept.format <= FORMAT) return kept;
  throw new FlowError(`${file} was written by Millrace ${kept.millrace}, which is newer.`, {
    code: 'FIXTURE_NEWER',
    hint: 'use that version, or record it anew',
  });
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw unreadable(file, error instanceof Error ? error.message : String(error));
  }
}

function isKept(value: unknown): value is KeptFixture {
  if (typeof value !== 'object' || value === null) return false;
  const { format, spec }: { format?: unknown; spec?: unknown } = value;
  return typeof format === 'number' && typeof spec === 'object' && spec !== null && 'step' in spec;
}

function unreadable(file: string, why: string): FlowError {
  return new FlowError(`The fixture ${file} cannot be read: ${why}`, {
    code: 'FIXTURE_UNREADABLE',
    hint: 'record it anew, with fixtureFrom',
  });
}
