import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openClient } from '../../src/client/client.ts';
import { collectGarbage, YOUNGEST_GARBAGE_MS } from '../../src/client/collect-garbage.ts';
import { deleteRun, requireDeletable } from '../../src/client/delete-run.ts';
import { findUnkeptRuns } from '../../src/client/keep-rules.ts';
import type { RunReference } from '../../src/client/run-reference.ts';
import { openJournalWriter } from '../../src/journal/append.ts';
import { acquireLock, releaseLock, thisPlace } from '../../src/journal/liveness.ts';
import { createRunDirectory } from '../../src/journal/run-directory.ts';
import type { ArtifactRef } from '../../src/model/artifact.ts';
import type { EventDraft } from '../../src/model/events.ts';
import type { Hash, Position } from '../../src/model/ids.ts';
import type { JournalWriter } from '../../src/model/ports/journal.ts';
import { encodeArtifact } from '../../src/store/artifacts.ts';
import { DirectoryArtifact } from '../../src/store/files/directory-artifact.ts';
import { ARTIFACT_HANDLE } from '../../src/store/files/handle.ts';
import { openStore } from '../../src/store/layout.ts';

/** What the people of a store do; `run` is one of the runs there are, counted round and round. */
export type StoreAction =
  | { readonly kind: 'begin' | 'spin'; readonly flow: number; readonly code: number }
  | RunAction

  /** A day passes. */
  | { readonly kind: 'age' }
  | { readonly kind: 'gc'; readonly keepLast?: number }
  /** While garbage is collected, these are done, one after the other. */
  | { readonly kind: 'gc beside'; readonly writers: readonly StoreAction[] };

type RunAction =
  | { readonly kind: 'resume' | 'name' | 'delete'; readonly run: number }
  | { readonly kind: 'end'; readonly run: number; readonly how: 'well' | 'badly' | 'lost' }
  | { readonly kind: 'write'; readonly run: number; readonly value: number; readonly form: Form };

type Form = 'value' | 'directory' | 'of a failed attempt';

const run = fc.nat(7);
const begin = fc.record({
  kind: fc.constantFrom('begin' as const, 'spin' as const),
  flow: fc.nat(1),
  code: fc.nat(2),
});
const write = fc.record({
  kind: fc.constant('write' as const),
  run,
  value: fc.nat(4),
  form: fc.constantFrom<Form>('value', 'value', 'directory', 'of a failed attempt'),
});
const name = fc.record({ kind: fc.constant('name' as const), run });
const end = fc.record({
  kind: fc.constant('end' as const),
  run,
  how: fc.constantFrom('well' as const, 'badly' as const, 'lost' as const),
});

export const storeAction: fc.Arbitrary<StoreAction> = fc.oneof(
  { weight: 2, arbitrary: begin },
  { weight: 4, arbitrary: write },
  { weight: 2, arbitrary: name },
  { weight: 2, arbitrary: end },
  fc.record({ kind: fc.constantFrom('resume' as const, 'delete' as const), run }),
  { weight: 2, arbitrary: fc.constant({ kind: 'age' as const }) },
  fc.constant({ kind: 'gc' as const }),
  fc.record({ kind: fc.constant('gc' as const), keepLast: fc.integer({ min: 1, max: 2 }) }),
  fc.record({
    kind: fc.constant('gc beside' as const),
    writers: fc.array(fc.oneof(begin, write, name, end), { minLength: 1, maxLength: 5 }),
  }),
);

interface StoredRun extends RunReference {
  readonly isSpin: boolean;
  readonly writer: JournalWriter;
  readonly origin: RunReference | undefined;
  readonly code: Hash;
  state: 'running' | 'ended';
  /** What its journal names, and what that holds. */
  readonly needs: Set<Hash>;
  readonly changes: Record<string, ArtifactRef>;
  /** Reported by tasks less than a day ago, and not in the journal yet. */
  pending: { readonly ref: ArtifactRef; readonly needs: readonly Hash[]; readonly form: Form }[];
}

/** A store on the disk with many runs, and what each of them needs, known without reading it. */
export class RandomStore {
  readonly #root = mkdtempSync(join(tmpdir(), 'millrace-store-'));
  readonly #client = openClient(this.#root);
  #runs: StoredRun[] = [];

  constructor() {
    openStore(this.#root, { create: true });
  }

  async perform(action: StoreAction): Promise<void> {
    switch (action.kind) {
      case 'begin':
        return this.#begin({ ...action, isSpin: false });
      case 'spin':
        return this.#begin({ ...action, isSpin: true });
      case 'age':
        return this.#age();
      case 'gc':
        return this.#collect(action.keepLast);
      case 'gc beside':
        await Promise.all([this.#collect(undefined), this.#performAll(action.writers)]);
        return;
      case 'write':
      case 'name':
      case 'end':
      case 'resume':
      case 'delete': {
        const chosen = this.#runs[action.run % Math.max(1, this.#runs.length)];
        if (chosen !== undefined) await this.#performOn(chosen, action);
      }
    }
  }

  /** Every blob and every code that a run needs; throws if one is not there, or not what it was. */
  async requireAll(): Promise<void> {
    for (const { needs, code, pending, run: id } of this.#runs) {
      for (const hash of [...needs, ...pending.flatMap((one) => one.needs)]) {
        const bytes = await this.#client.blobs.get(hash);
        if (hashOf(bytes) !== hash) throw new Error(`${hash}, which ${id} needs, was changed`);
      }
      if (!existsSync(join(this.#root, 'code', code, 'bundle.mjs'))) {
        throw new Error(`the code ${code}, which ${id} needs, is gone`);
      }
    }
  }

  /** What lies in the store and nobody needs. */
  unneeded(): readonly string[] {
    const needed = new Set<string>(this.#runs.flatMap(({ needs, code }) => [...needs, code]));
    return this.#places().flatMap(([hash]) => (needed.has(hash) ? [] : [hash]));
  }

  async remove(): Promise<void> {
    for (const { writer, state } of this.#runs) if (state === 'running') await writer.close();
    rmSync(this.#root, { recursive: true });
  }

  async #performAll(actions: readonly StoreAction[]): Promise<void> {
    for (const action of actions) await this.perform(action);
  }

  async #performOn(chosen: StoredRun, action: RunAction): Promise<void> {
    if (action.kind === 'resume') return this.#resume(chosen);
    if (action.kind === 'delete') return this.#delete(chosen);
    if (chosen.state === 'ended') return;
    if (action.kind === 'write') return this.#write(chosen, action.value, action.form);
    if (action.kind === 'end') return this.#end(chosen, action.how);
    nameAll(chosen);
  }

  async #begin({
    flow,
    code,
    isSpin,
    origin,
  }: {
    readonly flow: number;
    readonly code: number;
    readonly isSpin: boolean;
    readonly origin?: StoredRun;
  }): Promise<void> {
    const flowName = `Flow${flow}`;
    const codeHash = hashOf(Buffer.from(`code ${code}`));
    this.#placeCode(codeHash);
    const graph = (await this.#client.blobs.put(Buffer.from(`graph of ${flowName}`))).hash;
    const parent = join(this.#root, isSpin ? 'spins' : 'flows', flowName);
    const made = createRunDirectory(parent, { now: Date.now });
    acquireLock(made.dir);
    const writer = openJournalWriter(made.dir, { run: made.run, clock: { now: Date.now } });
    record(writer, {
      type: 'run.started',
      flow: flowName,
      file: '/flow.ts',
      code: codeHash,
      graph,
      parameters: {},
      tags: [],
      options: {},
      versions: { millrace: '0', node: '0' },
      ...(origin === undefined ? {} : { origin: origin.run }),
    } as unknown as EventDraft);
    this.#runs.push({
      ...made,
      flow: flowName,
      isSpin,
      writer,
      origin,
      code: codeHash,
      state: 'running',
      needs: new Set([graph]),
      changes: {},
      pending: [],
    });
  }

  /** Takes over all that the origin has, without writing a blob. */
  async #resume(origin: StoredRun): Promise<void> {
    if (origin.state === 'running' || origin.isSpin) return;
    const flow = Number(origin.flow.slice(-1));
    await this.#begin({ flow, code: 0, isSpin: false, origin });
    const resumed = this.#runs.at(-1);
    if (resumed === undefined) return;
    const changes = { ...origin.changes };
    record(resumed.writer, {
      type: 'task.cloned',
      step: 'start',
      position: '0' as Position,
      attempt: 1,
      origin: origin.run,
      changes,
      transition: { kind: 'end' },
    });
    Object.assign(resumed.changes, changes);
    for (const hash of origin.needs) resumed.needs.add(hash);
  }

  async #write(chosen: StoredRun, value: number, form: Form): Promise<void> {
    const { blobs } = this.#client;
    const content = Buffer.alloc(3_000, `value ${value}`);
    if (form !== 'directory') {
      const ref = await encodeArtifact(content, blobs);
      chosen.pending.push({ ref, needs: [ref.hash], form });
      return;
    }
    const { hash, size } = await blobs.put(content);
    const file = { kind: 'file', path: `file ${value}`, hash, size, mode: 0o644 } as const;
    const ref = (await DirectoryArtifact.create([file], blobs))[ARTIFACT_HANDLE]();
    chosen.pending.push({ ref, needs: [ref.hash, hash], form });
  }

  async #end(chosen: StoredRun, how: 'well' | 'badly' | 'lost'): Promise<void> {
    chosen.state = 'ended';
    if (how === 'lost') chosen.pending = [];
    else nameAll(chosen);
    if (how === 'well') record(chosen.writer, { type: 'run.succeeded' });
    if (how === 'badly') {
      record(chosen.writer, { type: 'run.failed', failure: { kind: 'exit', code: 1 } });
    }
    await chosen.writer.close();
    releaseLock(chosen.dir);
    if (how === 'lost') acquireLock(chosen.dir, { ...thisPlace(), pid: 2 ** 22 + 1 });
  }

  /** As `flow delete` does: only what nobody writes or resumes. */
  async #delete(chosen: StoredRun): Promise<void> {
    if (chosen.isSpin) return;
    const isNeeded =
      chosen.state === 'running' ||
      this.#runs.some(({ origin, state }) => origin?.run === chosen.run && state === 'running');
    const refusal = await requireDeletable(this.#client, chosen).catch((error: Error) => error);
    if ((refusal !== undefined) !== isNeeded) throw new Error(`delete: ${String(refusal)}`);
    if (refusal !== undefined) return;
    await deleteRun(this.#client, chosen);
    this.#forgetDeleted();
  }

  /** A task's report is in the journal long before a day has passed. */
  #age(): void {
    for (const each of this.#runs) if (each.state === 'running') nameAll(each);
    for (const [, path] of this.#places()) utimesSync(path, 0, 0);
  }

  /** As `flow gc` does. */
  async #collect(keepLast: number | undefined): Promise<void> {
    if (keepLast !== undefined) {
      for (const each of await findUnkeptRuns(this.#client, { last: keepLast })) {
        await deleteRun(this.#client, each);
      }
    }
    await collectGarbage(this.#client, { before: Date.now() - YOUNGEST_GARBAGE_MS, dryRun: false });
    this.#forgetDeleted();
  }

  #forgetDeleted(): void {
    const gone = this.#runs.filter(({ dir }) => !existsSync(dir));
    if (gone.some(({ state }) => state === 'running')) throw new Error('a run was deleted alive');
    this.#runs = this.#runs.filter((each) => !gone.includes(each));
  }

  #placeCode(hash: Hash): void {
    const folder = join(this.#root, 'code', hash);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'bundle.mjs'), '');
    utimesSync(folder, new Date(), new Date());
  }

  /** Hash and path of every blob and every code. */
  #places(): (readonly [string, string])[] {
    const inside = (folder: string): (readonly [string, string])[] =>
      existsSync(folder) ? readdirSync(folder).map((each) => [each, join(folder, each)]) : [];
    const blobs = inside(join(this.#root, 'blobs')).flatMap(([, folder]) => inside(folder));
    return [...blobs, ...inside(join(this.#root, 'code'))];
  }
}

function record(writer: JournalWriter, draft: EventDraft): void {
  writer.append(draft);
  writer.commit();
}

function nameAll(chosen: StoredRun): void {
  for (const { ref, needs, form } of chosen.pending) {
    const changes = { [`a${Object.keys(chosen.changes).length}`]: ref };
    const task = { step: 'work', position: '0' as Position, attempt: 1, changes };
    record(
      chosen.writer,
      form === 'of a failed attempt'
        ? {
            ...task,
            type: 'task.failed',
            failure: { kind: 'exit', code: 1 },
            // oxlint-disable-next-line unicorn/no-thenable -- a field of the event, never a method
            then: { kind: 'give-up' },
          }
        : { ...task, type: 'task.succeeded', transition: { kind: 'end' } },
    );
    if (form !== 'of a failed attempt') Object.assign(chosen.changes, changes);
    for (const hash of needs) chosen.needs.add(hash);
  }
  chosen.pending = [];
}

function hashOf(bytes: Uint8Array): Hash {
  return createHash('sha256').update(bytes).digest('hex') as Hash;
}
