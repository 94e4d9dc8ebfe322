import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../../src/model/ids.ts';
import { openLocalBlobStore } from '../../../../src/store/local/blob-store.ts';
import { describeBlobStore } from '../../../contract/blob-store.ts';
import { temporaryFolders } from '../temporary-folder.ts';

const temporaryFolder = temporaryFolders();

const blobFile = (root: string, hash: Hash): string => join(root, 'blobs', hash.slice(0, 2), hash);

async function storeWith(bytes: Uint8Array) {
  const root = temporaryFolder();
  const blobs = openLocalBlobStore(root);
  const { hash } = await blobs.put(bytes);
  return { root, blobs, hash, file: blobFile(root, hash) };
}

describeBlobStore('local files', () => openLocalBlobStore(temporaryFolder()));

describe('openLocalBlobStore', () => {
  it('makes nothing until something is put', async () => {
    const root = join(temporaryFolder(), 'store');
    const blobs = openLocalBlobStore(root);
    await blobs.has('ab'.repeat(32) as Hash);
    expect(() => statSync(root)).toThrow();
  });

  it('writes the documented header, private files and private folders', async () => {
    const { root, file } = await storeWith(Buffer.from('abc'));
    expect(readFileSync(file).toString('latin1')).toBe(`MRB1\0\0\0\0\x03${'\0'.repeat(7)}abc`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(root, 'blobs')).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'tmp')).mode & 0o777).toBe(0o700);
  });

  it('refreshes the age of a blob that is put again, small or large', async () => {
    for (const bytes of [Buffer.from('small'), Buffer.alloc(2_000_000, 7)]) {
      const { blobs, file } = await storeWith(bytes);
      utimesSync(file, 1, 1);
      await blobs.put(bytes);
      expect(statSync(file).mtimeMs).toBeGreaterThan(1_000_000);
    }
  });

  it('writes a blob again that was cut short', async () => {
    const { blobs, file, hash } = await storeWith(Buffer.from('abcdef'));
    truncateSync(file, 18);
    await blobs.put(Buffer.from('abcdef'));
    expect(Buffer.from(await blobs.get(hash)).toString()).toBe('abcdef');
  });

  it('leaves no temporary file after successes, repeats and failures', async () => {
    const { root, blobs } = await storeWith(Buffer.alloc(2_000_000));
    await blobs.put(Buffer.alloc(2_000_000));
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('broken');
    }
    await expect(blobs.putStream(failing())).rejects.toThrow('broken');
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
  });

  const damages: { readonly [title: string]: (bytes: Buffer) => Buffer } = {
    'a flipped byte of content': (bytes) => flip(bytes, 17),
    'a flipped byte of the magic': (bytes) => flip(bytes, 0),
    'a flipped byte of the size': (bytes) => flip(bytes, 9),
    'a missing end': (bytes) => bytes.subarray(0, -1),
    'a missing header': (bytes) => bytes.subarray(0, 5),
    'nothing left': () => Buffer.alloc(0),
    'something behind the end': (bytes) => Buffer.concat([bytes, Buffer.from('x')]),
  };
  for (const [title, damage] of Object.entries(damages)) {
    it(`finds ${title}, and names the blob and the file`, async () => {
      const { blobs, file, hash } = await storeWith(Buffer.from('abcdef'));
      writeFileSync(file, damage(readFileSync(file)));
      const corrupt = expect.objectContaining({
        code: 'STORE_BLOB_CORRUPT',
        message: expect.stringMatching(new RegExp(`${hash} is damaged: ${file}`)),
        hint: expect.stringContaining('remove the file'),
      });
      await expect(blobs.get(hash)).rejects.toEqual(corrupt);
      expect(() => blobs.getSync(hash)).toThrow(corrupt);
      await expect(blobs.stream(hash).toArray()).rejects.toEqual(corrupt);
    });
  }

  it('refuses a newer header and an unknown compression', async () => {
    for (const offset of [3, 4]) {
      const { blobs, file, hash } = await storeWith(Buffer.from('abcdef'));
      writeFileSync(file, flip(readFileSync(file), offset));
      const newer = expect.objectContaining({ code: 'STORE_FORMAT_NEWER', exitCode: 2 });
      await expect(blobs.get(hash)).rejects.toEqual(newer);
      expect(() => blobs.getSync(hash)).toThrow(newer);
    }
  });

  it('says which file cannot be read', async () => {
    const { blobs, file, hash } = await storeWith(Buffer.from('abc'));
    rmSync(file);
    symlinkSync(file, file);
    const unreadable = expect.objectContaining({
      code: 'STORE_NOT_READABLE',
      message: expect.stringContaining(`${file}: ELOOP`),
    });
    await expect(blobs.get(hash)).rejects.toEqual(unreadable);
    expect(() => blobs.getSync(hash)).toThrow(unreadable);
  });

  it('says that it cannot be written, and how to help', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'tmp'), 'a file where the folder should be');
    const unwritable = expect.objectContaining({
      code: 'STORE_NOT_WRITABLE',
      message: expect.stringContaining(root),
      hint: expect.stringContaining('--store'),
      exitCode: 2,
    });
    await expect(openLocalBlobStore(root).put(Buffer.from('a'))).rejects.toEqual(unwritable);
  });

  it.skipIf(process.getuid?.() === 0)('says so when permission is denied', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'tmp'));
    chmodSync(join(root, 'tmp'), 0o500);
    await expect(openLocalBlobStore(root).put(Buffer.from('a'))).rejects.toEqual(
      expect.objectContaining({
        code: 'STORE_NOT_WRITABLE',
        message: expect.stringContaining('permission denied'),
      }),
    );
  });

  it('holds no second copy of 300 MB, neither writing nor reading', () => {
    const script = join(import.meta.dirname, 'fixtures/large-blob.ts');
    const loader = join(import.meta.dirname, '../../../../.ci/typescript.mjs');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', loader, script, temporaryFolder()],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    const { writtenBytes, readBytes } = JSON.parse(stdout) as {
      writtenBytes: number;
      readBytes: number;
    };
    expect(writtenBytes).toBeLessThan(0.1 * 300e6);
    expect(readBytes).toBeLessThan(1.1 * 300e6);
  }, 60_000);
});

function flip(bytes: Buffer, offset: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[offset] = (damaged[offset] ?? 0) ^ 1;
  return damaged;
}
