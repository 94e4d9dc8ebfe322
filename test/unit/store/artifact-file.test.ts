import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifact } from '../../../src/store/artifact-file.ts';
import { decodeArtifactSync, encodeArtifact } from '../../../src/store/artifacts.ts';
import { setCurrentBlobs } from '../../../src/store/current-blobs.ts';
import type { DirectoryArtifact } from '../../../src/store/files/directory-artifact.ts';
import type { FileArtifact } from '../../../src/store/files/file-artifact.ts';
import { openMemoryBlobStore } from '../../../src/store/memory/blob-store.ts';
import { encodeValue } from '../../../src/store/values/value.ts';
import { temporaryFolders } from './temporary-folder.ts';

const temporaryFolder = temporaryFolders();
let blobs = openMemoryBlobStore();

beforeEach(() => {
  blobs = openMemoryBlobStore();
  setCurrentBlobs(blobs);
});
afterEach(() => setCurrentBlobs(undefined));

/** As another task gets it. */
async function passOn<T>(handle: T): Promise<T> {
  return decodeArtifactSync(await encodeArtifact(handle, blobs), blobs) as T;
}

describe('artifact.file', () => {
  it('hands the file to later tasks: name, size, content, permissions', async () => {
    const path = join(temporaryFolder(), 'model.bin');
    writeFileSync(path, 'weights');
    chmodSync(path, 0o750);
    const file: FileArtifact = await passOn(await artifact.file(path));
    expect([file.name, file.size, await file.text()]).toEqual(['model.bin', 7, 'weights']);
    expect(Buffer.concat(await file.stream().toArray()).toString()).toBe('weights');
    const copy = join(temporaryFolder(), 'new/copy.bin');
    await file.copyTo(copy);
    expect(readFileSync(copy, 'utf8')).toBe('weights');
    expect(statSync(copy).mode & 0o777).toBe(0o750);
  });

  it('keeps the file as it was, under the name that is given', async () => {
    const path = join(temporaryFolder(), 'a.txt');
    writeFileSync(path, 'before');
    const file = await artifact.file(path, { name: 'b.txt' });
    writeFileSync(path, 'after');
    expect([file.name, await file.text()]).toEqual(['b.txt', 'before']);
    expect((await artifact.file(path)).hash).not.toBe(file.hash);
  });

  it('refuses what is no file, and names it', async () => {
    const folder = temporaryFolder();
    await expect(artifact.file(join(folder, 'none'))).rejects.toThrow(
      /none cannot be kept.*ENOENT/,
    );
    await expect(artifact.file(folder)).rejects.toThrow(/it is no file/);
  });

  it('works only while a step runs', async () => {
    setCurrentBlobs(undefined);
    await expect(artifact.file('x')).rejects.toEqual(
      expect.objectContaining({ code: 'ARTIFACT_OUTSIDE_TASK' }),
    );
  });
});

describe('artifact.directory', () => {
  function tree(): string {
    const root = temporaryFolder();
    mkdirSync(join(root, 'sub/empty'), { recursive: true });
    writeFileSync(join(root, 'sub/run.sh'), '#!/bin/sh');
    chmodSync(join(root, 'sub/run.sh'), 0o755);
    writeFileSync(join(root, 'a.txt'), 'a');
    return root;
  }

  it('hands all files, their permissions and empty folders to later tasks', async () => {
    const directory: DirectoryArtifact = await passOn(await artifact.directory(tree()));
    expect(directory.entries.map(({ path }) => path)).toEqual([
      'a.txt',
      'sub',
      'sub/empty',
      'sub/run.sh',
    ]);
    const copy = join(temporaryFolder(), 'copy');
    await directory.copyTo(copy);
    expect(readdirSync(copy, { recursive: true }).map(String).toSorted()).toEqual([
      'a.txt',
      'sub',
      'sub/empty',
      'sub/run.sh',
    ]);
    expect(statSync(join(copy, 'sub/run.sh')).mode & 0o777).toBe(0o755);
  });

  it('gives equal directories equal hashes', async () => {
    const [one, two] = [await artifact.directory(tree()), await artifact.directory(tree())];
    expect(one.hash).toBe(two.hash);
  });

  it('refuses symbolic links, whole or broken, and names them', async () => {
    for (const target of ['a.txt', 'nowhere']) {
      const root = tree();
      symlinkSync(target, join(root, 'sub/link'));
      await expect(artifact.directory(root)).rejects.toThrow(/sub\/link is a symbolic link/);
    }
  });

  it('never writes outside the directory that it is copied to', async () => {
    for (const path of ['../evil', '/evil', 'a/../../evil', 'a//b', '.', '']) {
      const { hash, size } = await blobs.put(encodeValue([[path, 0o644, 'a'.repeat(64), 1]]));
      const directory = decodeArtifactSync({ hash, size, encoding: 'directory' }, blobs);
      await expect(
        (directory as DirectoryArtifact).copyTo(join(temporaryFolder(), 'x')),
      ).rejects.toEqual(expect.objectContaining({ code: 'STORE_BLOB_CORRUPT' }));
    }
  });
});
