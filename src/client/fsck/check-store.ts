import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Hash } from '../../model/ids.ts';
import { openStore } from '../../store/layout.ts';
import { openClient } from '../client.ts';
import { readFolder } from '../read-folder.ts';
import { BlobCheck } from './check-blobs.ts';
import { checkIndex } from './check-index.ts';
import { type CheckedRun, checkRun } from './check-run.ts';
import { damage, leftover } from './finding.ts';

/** What a look at everything in a store came to. */
export interface StoreCheck {
  readonly runs: number;
  readonly blobs: number;
  /** Of the blobs, in plain bytes. */
  readonly bytes: number;
  /** Errors are damage; warnings are what killed processes left, which only takes room. */
  readonly findings: readonly Diagnostic[];
}

/**
 * Reads the whole store: every line of every journal against its checksum, every index against its
 * journal, every blob against its name, and whether all that a run names is there. Changes nothing,
 * takes no lock, and may run beside live runs. Throws FlowError `STORE_MISSING`, `STORE_FORMAT_NEWER`.
 */
export async function checkStore(root: string): Promise<StoreCheck> {
  const layout = openStore(root, { create: false });
  const client = openClient(root);
  const references = [...(await client.references()), ...(await client.spins())];
  // Journals before blobs: what a line names was there before the line.
  const runs = references.map((reference) => ({ reference, checked: checkRun(reference) }));
  const blobs = new BlobCheck(client.blobs);
  await blobs.readAll(join(root, 'blobs'));
  const needed = new Set<Hash>();
  const findings = [...runs.flatMap(({ checked }) => checked.findings), ...blobs.findings];
  for (const { reference, checked } of runs) {
    const name = `${reference.flow}/${reference.run}`;
    const missing = await findMissing(checked, blobs, needed);
    findings.push(...missing.map((hash) => missingBlob(name, hash)));
    if (isSound(checked) && checked.graph !== undefined && blobs.has(checked.graph)) {
      findings.push(...checkIndex(reference, await client.graph(reference)));
    }
    if (checked.code !== undefined && !existsSync(join(layout.codeDir, checked.code))) {
      findings.push(
        damage(
          'code-missing',
          `The prepared flow ${checked.code} of ${name} is missing.`,
          PUT_BACK,
        ),
      );
    }
  }
  findings.push(...unneeded(blobs, needed), ...(await leftInTmp(layout.tmpDir)));
  return { runs: runs.length, blobs: blobs.sound.size, bytes: blobs.bytes, findings };
}

function isSound({ findings }: CheckedRun): boolean {
  return findings.every(({ severity }) => severity !== 'error');
}

const PUT_BACK = 'put it back from a copy of the store, or run the flow again';

/** What the run names and the store lacks; what it names becomes needed. */
async function findMissing(
  { stored }: CheckedRun,
  blobs: BlobCheck,
  needed: Set<Hash>,
): Promise<readonly Hash[]> {
  const missing = new Set<Hash>();
  for (const { hash, encoding } of stored) {
    const files = encoding === 'directory' && !needed.has(hash) ? await blobs.filesOf(hash) : [];
    for (const one of [hash, ...files]) {
      needed.add(one);
      if (!blobs.has(one)) missing.add(one);
    }
  }
  return [...missing];
}

function missingBlob(run: string, hash: Hash): Diagnostic {
  return damage(
    'blob-missing',
    `The run ${run} names the blob ${hash}, which is missing.`,
    PUT_BACK,
  );
}

/** Results that nobody recorded, and inputs that were handed to joins. */
function unneeded(blobs: BlobCheck, needed: ReadonlySet<Hash>): readonly Diagnostic[] {
  const count = [...blobs.sound].filter((hash) => !needed.has(hash)).length;
  if (count === 0) return [];
  const message = `No run names ${count} of the blobs.`;
  return [
    leftover(
      'blobs-unneeded',
      message,
      'killed tasks or deleted runs left them: flow gc removes them',
    ),
  ];
}

async function leftInTmp(folder: string): Promise<readonly Diagnostic[]> {
  const { length } = await readFolder(folder);
  if (length === 0) return [];
  const message = `${length} files in ${folder} are on their way, or were when their writer was killed.`;
  return [leftover('files-in-tmp', message, 'flow gc removes them once they are old')];
}
