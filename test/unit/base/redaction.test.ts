import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RedactedStream, Redaction } from '../../../src/base/redaction.ts';

describe('a redaction', () => {
  it('takes a text out as it is and as JSON escapes it', () => {
    const redaction = new Redaction(['pa"ss\nword']);
    expect(redaction.clean('a pa"ss\nword b')).toBe('a *** b');
    expect(redaction.clean(JSON.stringify({ key: 'pa"ss\nword' }))).toBe('{"key":"***"}');
    expect(redaction.clean('password')).toBe('password');
  });

  it('takes a text out in base64, alone and in the middle of something longer', () => {
    const secret = 'hunter2-µ?>';
    const redaction = new Redaction([secret]);
    const around = fc.tuple(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }));
    fc.assert(
      fc.property(around, fc.constantFrom('base64', 'base64url'), ([before, after], encoding) => {
        const encoded = Buffer.from(`${before}${secret}${after}`).toString(encoding);
        const cleaned = redaction.clean(`token ${encoded} sent`);
        expect(cleaned).toContain('***');
        const left = cleaned.slice('token '.length, -' sent'.length).replace('***', '');
        // At the edges a letter may tell of its neighbour too.
        expect(left.length).toBeLessThanOrEqual(encoded.length - (secret.length * 4) / 3 + 4);
      }),
    );
    expect(redaction.clean(Buffer.from(secret).toString('base64'))).toBe('***');
    expect(new Redaction(['abcd']).clean(Buffer.from('abcd').toString('base64'))).toBe('***');
  });

  it('takes a text out as addresses and forms escape it', () => {
    const redaction = new Redaction(['p&ss w/rd', 'half \ud800 pair']);
    const address = new URL('https://example.com/');
    address.searchParams.set('password', 'p&ss w/rd');
    expect(redaction.clean(address.href)).toBe('https://example.com/?password=***');
    expect(redaction.clean(`/login/${encodeURIComponent('p&ss w/rd')}/`)).toBe('/login/***/');
  });

  it('takes out the longest where texts overlap', () => {
    expect(new Redaction(['secret', 'secret-token']).clean('secret-token secret')).toBe('*** ***');
  });

  it('cleans every text inside a value, and its keys', () => {
    const value = { a: ['x hunter2', 1, null], hunter2: { b: true } };
    expect(new Redaction(['hunter2']).cleanJson(value)).toEqual({
      a: ['x ***', 1, null],
      '***': { b: true },
    });
  });

  it('hides nothing where there is nothing to hide', () => {
    const redaction = new Redaction();
    expect([redaction.isEmpty, redaction.clean('abc')]).toEqual([true, 'abc']);
    redaction.hide(['', 'abc']);
    expect([redaction.isEmpty, redaction.clean('abcd')]).toEqual([false, '***d']);
  });
});

describe('a redacted stream', () => {
  const cut = (bytes: Buffer, places: readonly number[]) => {
    const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length];
    let start = 0;
    return ends
      .toSorted((a, b) => a - b)
      .map((end) => {
        const piece = bytes.subarray(start, end);
        start = end;
        return piece;
      });
  };

  it('gives the same bytes wherever it is cut, and never a hidden text', () => {
    const letters = fc.stringMatching(/^[ab\n"]{0,40}$/);
    const secret = fc.stringMatching(/^[ab\n"]{4,8}$/);
    fc.assert(
      fc.property(letters, fc.array(secret), fc.array(fc.nat()), (text, secrets, places) => {
        const redaction = new Redaction(secrets);
        const stream = new RedactedStream(redaction);
        const bytes = Buffer.from(text);
        const pieces = cut(bytes, places).map((piece) => stream.push(piece));
        const whole = Buffer.concat([...pieces, stream.end()]).toString();
        expect(whole).toBe(redaction.cleanBytes(bytes).toString());
        for (const hidden of secrets) expect(whole.includes(hidden)).toBe(false);
      }),
    );
  });

  it('holds back only what may be the beginning of a hidden text', () => {
    const stream = new RedactedStream(new Redaction(['hunter2']));
    expect(stream.push(Buffer.from('prompt> ')).toString()).toBe('prompt> ');
    expect(stream.push(Buffer.from('the hunt')).toString()).toBe('the ');
    expect(stream.push(Buffer.from('ing')).toString()).toBe('hunting');
    expect(stream.push(Buffer.from('hun')).toString()).toBe('');
    expect(stream.end().toString()).toBe('hun');
  });
});
