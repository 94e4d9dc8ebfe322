import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { codeBlocks } from '../rig/code-blocks.ts';
import { type Finished, FlowRig, transcript } from '../rig/flow-rig.ts';
import { installPackage } from '../rig/install-package.ts';

const PAGE = fileURLToPath(new URL('../../docs/tour.md', import.meta.url));
const COMPILER = createRequire(import.meta.url).resolve('typescript/bin/tsc');

describe('the tour', () => {
  it('does what it says, line by line', { timeout: 180_000 }, async () => {
    await using rig = await FlowRig.create();
    const walk = new Walk(rig);
    for (const block of codeBlocks(PAGE)) {
      if (block.title !== undefined) await rig.write(join(walk.folder, block.title), block.text);
      else if (block.language === 'sh') await walk.type(block.text, block.exitCode);
      else expect(walk.printed, `line ${block.line}`).toSatisfy(showsAll(block.text));
    }
    const types = await rig.startNode([COMPILER, '-p', walk.folder]).finished;
    expect(types.stdout, 'all that was typed compiles').toBe('');
  });
});

/** Somebody who types the lines of the tour, one after the other. */
class Walk {
  folder = '.';
  /** What the last lines printed. */
  printed = '';
  readonly #rig: FlowRig;

  constructor(rig: FlowRig) {
    this.#rig = rig;
  }

  async type(text: string, exitCode: number): Promise<void> {
    this.printed = '';
    for (const line of text.split('\n')) {
      const finished = await this.#run(line);
      if (finished === undefined) continue;
      expect(finished.code, `${line}\n${transcript(finished)}`).toBe(exitCode);
      this.printed += `${finished.stdout}${finished.stderr}`;
    }
  }

  async #run(line: string): Promise<Finished | undefined> {
    const [program = '', ...args] = line.split(' ');
    const cwd = join(this.#rig.dir, this.folder);
    if (program === 'cd') {
      this.folder = join(this.folder, args[0] ?? '');
      return undefined;
    }
    if (line === 'npm install') {
      await installPackage(this.#rig, this.folder);
      return undefined;
    }
    if (program === 'node') return this.#rig.startNode(args, { cwd }).finished;
    expect(program, `a line that this test can type: ${line}`).toBe('npx');
    expect(['flow', 'millrace']).toContain(args[0]);
    return this.#rig.flow(args.slice(1), { cwd });
  }
}

/** Each line is there, in this order, with anything for `…`. */
function showsAll(shown: string): (printed: string) => boolean {
  const lines = shown
    .split('\n')
    .map((line) => new RegExp(`^${line.split('…').map(escape).join('.*')}$`));
  return (printed) => {
    const rest = printed.split('\n');
    return lines.every((line) => {
      const at = rest.findIndex((one) => line.test(one.trimEnd()));
      rest.splice(0, at + 1);
      return at >= 0;
    });
  };
}

function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
