import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeChildMessage } from '../../../src/runtime/child-message.ts';

const NONCE = 'abc';
const REF = { hash: 'a'.repeat(64), size: 3, encoding: 'cbor' };
const result = (part: object) => ({
  nonce: NONCE,
  type: 'succeeded',
  result: { changes: { x: REF, gone: null }, transition: { kind: 'next', to: ['end'] }, ...part },
});

describe('a message of a child', () => {
  it.each([
    { nonce: NONCE, type: 'loaded' },
    result({}),
    result({
      transition: {
        kind: 'foreach',
        to: 'work',
        size: 1,
        pages: [{ first: 0, count: 1, ref: REF }],
      },
    }),
    { nonce: NONCE, type: 'opened', to: 'work', changes: { x: REF } },
    { nonce: NONCE, type: 'yielded', page: { first: 0, count: 2, ref: REF }, digest: REF.hash },
    { nonce: NONCE, type: 'failed', failed: { failure: { kind: 'user-error' }, changes: {} } },
  ])('of a known shape is taken: %j', (message) =>
    expect(decodeChildMessage(message, NONCE)).toEqual(message),
  );

  it.each([
    undefined,
    null,
    'loaded',
    [],
    { type: 'loaded' },
    { nonce: 'other', type: 'loaded' },
    { nonce: NONCE, type: 'toString' },
    { nonce: NONCE, type: '__proto__' },
    result({ changes: { x: { ...REF, hash: '../../etc/passwd' } } }),
    result({ changes: { x: { ...REF, size: -1 } } }),
    { nonce: NONCE, type: 'opened', to: 'work', changes: [REF] },
    { nonce: NONCE, type: 'yielded', page: { first: -1, count: 2, ref: REF }, digest: REF.hash },
    { nonce: NONCE, type: 'yielded', page: { first: 0, count: 2, ref: REF }, digest: 'x' },
    result({ changes: [] }),
    result({ transition: { kind: 'next', to: 'end' } }),
    result({ transition: { kind: 'constructor' } }),
    result({ transition: { kind: 'foreach', to: 'work', size: 1.5, pages: [] } }),
  ])('of any other shape is not: %j', (message) =>
    expect(decodeChildMessage(message, NONCE)).toBeUndefined(),
  );

  it('never makes the parent throw, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (part, type) => {
        decodeChildMessage(
          { nonce: NONCE, type, result: part, failed: part, problem: part },
          NONCE,
        );
        decodeChildMessage(part, NONCE);
      }),
    );
  });
});
