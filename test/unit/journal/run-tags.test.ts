import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendTagChange, readTagChanges } from '../../../src/journal/run-tags.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-tags-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('changes of tags', () => {
  it('are none where nobody made any', () => {
    expect(readTagChanges(dir)).toEqual([]);
  });

  it('are read back in order, over what a full disk or another program left between', () => {
    appendTagChange(dir, { at: 1, add: ['a'] });
    appendFileSync(join(dir, 'tags.ndjson'), '\n{"at":2,"add":["cu');
    appendTagChange(dir, { at: 3, remove: ['a'] });
    appendFileSync(join(dir, 'tags.ndjson'), '{"at":4,"add":"x"}\nnull\n');
    appendTagChange(dir, { at: 5, clear: true, add: ['ü b'] });
    expect(readTagChanges(dir)).toEqual([
      { at: 1, add: ['a'] },
      { at: 3, remove: ['a'] },
      { at: 5, clear: true, add: ['ü b'] },
    ]);
  });
});
