import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunId } from '../../../src/model/ids.ts';
import { findStore, openStore } from '../../../src/store/layout.ts';
import { temporaryFolders } from './temporary-folder.ts';

const temporaryFolder = temporaryFolders();

function project(): { readonly root: string; readonly deep: string } {
  const root = temporaryFolder();
  const deep = join(root, 'packages/flows/src');
  mkdirSync(deep, { recursive: true });
  return { root, deep };
}

describe('findStore', () => {
  it('takes the option before the environment, both relative to the working directory', () => {
    const { deep } = project();
    const env = { MILLRACE_STORE: '../by-env' };
    expect(findStore({ cwd: deep, option: 'by-option', env })).toBe(join(deep, 'by-option'));
    expect(findStore({ cwd: deep, env })).toBe(join(deep, '../by-env'));
  });

  it('finds the nearest store upwards, before any package.json', () => {
    const { root, deep } = project();
    mkdirSync(join(root, '.millrace'));
    writeFileSync(join(root, 'packages/flows/package.json'), '{}');
    expect(findStore({ cwd: deep, env: {} })).toBe(join(root, '.millrace'));
  });

  it('else goes beside the nearest package.json', () => {
    const { root, deep } = project();
    writeFileSync(join(root, 'package.json'), '{}');
    writeFileSync(join(root, 'packages/flows/package.json'), '{}');
    expect(findStore({ cwd: deep, env: { MILLRACE_STORE: '' } })).toBe(
      join(root, 'packages/flows/.millrace'),
    );
  });

  it('makes nothing', () => {
    const { deep } = project();
    findStore({ cwd: deep, option: 'store', env: {} });
    expect(readdirSync(deep)).toEqual([]);
  });
});

describe('openStore', () => {
  it('makes a private store that git ignores, once and again', () => {
    const root = join(temporaryFolder(), 'a/.millrace');
    openStore(root, { create: true });
    openStore(root, { create: true });
    expect(readFileSync(join(root, '.gitignore'), 'utf8')).toBe('*\n');
    expect(JSON.parse(readFileSync(join(root, 'format.json'), 'utf8'))).toEqual({ format: 1 });
    expect(statSync(root).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'format.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(root).toSorted()).toEqual([
      '.gitignore',
      'blobs',
      'flows',
      'format.json',
      'tmp',
    ]);
  });

  it('tells where things are', () => {
    const layout = openStore(join(temporaryFolder(), 's'), { create: true });
    const run = '1abc' as RunId;
    expect(layout.runDir('Weather', run)).toBe(join(layout.root, 'flows/Weather/1abc'));
    expect(layout.flowDir('Weather')).toBe(join(layout.root, 'flows/Weather'));
    expect([layout.codeDir, layout.tmpDir]).toEqual([
      join(layout.root, 'code'),
      join(layout.root, 'tmp'),
    ]);
  });

  it('does not make a store that is only to be read', () => {
    const root = join(temporaryFolder(), 'none');
    expect(() => openStore(root, { create: false })).toThrow(
      expect.objectContaining({ code: 'STORE_MISSING', exitCode: 2 }),
    );
    expect(() => statSync(root)).toThrow();
  });

  it('refuses a newer format, and names both', () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'format.json'), '{"format": 2}');
    for (const create of [true, false]) {
      expect(() => openStore(root, { create })).toThrow(
        expect.objectContaining({
          code: 'STORE_FORMAT_NEWER',
          exitCode: 2,
          message: expect.stringMatching(/has format 2.*up to 1/),
        }),
      );
    }
    expect(readdirSync(root)).toEqual(['format.json']);
  });

  it('refuses a format.json that says nothing', () => {
    for (const text of ['', '{}', '{"format": "1"}', '[]']) {
      const root = temporaryFolder();
      writeFileSync(join(root, 'format.json'), text);
      expect(() => openStore(root, { create: true })).toThrow(
        expect.objectContaining({ code: 'STORE_FORMAT_UNKNOWN', exitCode: 2 }),
      );
    }
  });

  it('says where it cannot be made', () => {
    const blocked = join(temporaryFolder(), 'file');
    writeFileSync(blocked, '');
    expect(() => openStore(join(blocked, '.millrace'), { create: true })).toThrow(
      expect.objectContaining({
        code: 'STORE_NOT_WRITABLE',
        exitCode: 2,
        message: expect.stringContaining(blocked),
      }),
    );
  });
});
