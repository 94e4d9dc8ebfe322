import { describe, expect, it } from 'vitest';
import { parseAddedPolicy } from '../../../../src/runner/added/parse-added-policy.ts';

describe('--with', () => {
  it('adds retries with every setting of a delay', () => {
    expect(
      parseAddedPolicy('retry:times=4,initial=3s,factor=3,max=1m,jitter=false').policy,
    ).toEqual({
      retry: { times: 4, initialDelayMs: 3_000, factor: 3, maxDelayMs: 60_000, jitter: false },
    });
  });

  it('takes a lone value for the main setting', () => {
    expect(parseAddedPolicy('retry:2').policy.retry?.times).toBe(2);
    expect(parseAddedPolicy('timeout:5m').policy).toEqual({ timeoutMs: 300_000 });
    expect(parseAddedPolicy('catch:problem').policy).toEqual({ catch: { field: 'problem' } });
    expect(parseAddedPolicy('catchError:field=problem').policy).toEqual({
      catch: { field: 'problem' },
    });
  });

  it('says how a caught switch and a caught foreach go on', () => {
    expect(parseAddedPolicy('catchError:why,take=big').policy.catch).toEqual({
      field: 'why',
      take: 'big',
    });
    expect(parseAddedPolicy('catchError:why,items=[]').policy.catch?.items).toEqual([]);
    expect(parseAddedPolicy('catchError:why,take=true').policy.catch?.take).toBe('true');
  });

  it('adds resources and environment', () => {
    expect(parseAddedPolicy('resources:cpu=2,memory=1GiB,gpu=1,hint=io').policy).toEqual({
      resources: { cpu: 2, memoryBytes: 2 ** 30, gpu: 1, hint: 'io' },
    });
    expect(parseAddedPolicy('environment:TZ=UTC,LEVEL=3').policy).toEqual({
      environment: { TZ: 'UTC', LEVEL: '3' },
    });
  });

  it('adds where steps run', () => {
    expect(parseAddedPolicy('isolate:fresh')).toEqual({
      policy: { isolation: 'fresh' },
      text: 'isolate(fresh)',
    });
  });

  it('adds limits: a lone number is each step’s own, a name is shared', () => {
    expect(parseAddedPolicy('limit:5').policy).toEqual({ limits: [{ count: 5 }] });
    expect(parseAddedPolicy('limit:api=5,database=2').policy).toEqual({
      limits: [
        { name: 'api', count: 5 },
        { name: 'database', count: 2 },
      ],
    });
  });

  it('reads a quoted value as text', () => {
    expect(parseAddedPolicy('environment:A="true"').policy.environment).toEqual({ A: 'true' });
  });

  it.each([
    ['retri', 'knows no decorator "retri"', 'did you mean "retry"?'],
    ['constructor', 'knows no decorator "constructor"', 'it knows'],
    ['retry:tmes=2', 'retry has no "tmes"', 'did you mean "times"?'],
    ['retry:times=x', 'cannot be used', 'how often'],
    ['retry:times=1,times=2', 'has "times" twice', 'remove'],
    ['retry:jitter=maybe', 'jitter', 'true'],
    ['timeout', 'cannot be used', 'milliseconds'],
    ['timeout:soon', 'cannot be used', '30s'],
    ['resources:hint=fast', 'no hint "fast"', 'network'],
    ['catchError:why,items=3', 'no items "3"', 'items=[]'],
    ['catchError:why,tkae=a', 'has no "tkae"', 'did you mean "take"?'],
    ['limit', 'cannot be used', '@limit(5)'],
    ['limit:api=0', 'cannot be used', '@limit(5)'],
    ['environment:TZ', 'cannot use "TZ"', '--with'],
  ])('refuses %s', (text, message, hint) => {
    expect(() => parseAddedPolicy(text)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
        exitCode: 2,
      }),
    );
  });
});
