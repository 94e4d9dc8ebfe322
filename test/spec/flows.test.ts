import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const FLOWS = fileURLToPath(new URL('../../flows', import.meta.url));
const SAYS: { readonly [file: string]: RegExp } = {
  '01-hello.ts': /HELLO, WORLD!/,
  '02-weather.ts': /2015: 17\.4 °C/,
  '03-flights.ts': /200000 flights in all/,
  '04-movies.ts': /merged 2 branches/,
  '05-stocks.ts': /AAPL: \d{4} was the best year.*\n.*no prices \(caught\)|no prices \(caught\)/,
  '06-plain.js': /the squares up to 5 add up to 55/,
};

describe('the numbered flows', () => {
  const files = readdirSync(FLOWS).filter((name) => /^\d\d-/.test(name));

  it('are the ones that this test knows', () => expect(files).toEqual(Object.keys(SAYS)));

  it.each(files)('%s runs on real data and says what it should', async (file) => {
    await using rig = await FlowRig.create();
    const { stderr } = await rig.ok(['run', join(FLOWS, file)]);
    expect(stderr).toMatch(SAYS[file] ?? /./);
  });

  it.each(files)('%s has nothing to complain about', async (file) => {
    await using rig = await FlowRig.create();
    await rig.ok(['check', join(FLOWS, file)]);
  });
});
