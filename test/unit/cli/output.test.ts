import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output } from '../../../src/cli/output.ts';

function openOutput() {
  const writes: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      writes.push(chunk.toString());
      done();
    },
  });
  return { writes, stream, output: new Output(stream) };
}

describe('the texts of one turn', () => {
  it('are written in one piece, before anything else is waited for', async () => {
    const { writes, output } = openOutput();
    output.write('one ');
    output.write('two');
    expect(writes).toEqual([]);
    await Promise.resolve();
    expect(writes).toEqual(['one two']);
  });

  it('stay in order with bytes, and with what is waited for', async () => {
    const { writes, output } = openOutput();
    output.write('a');
    output.write(Buffer.from('b'));
    output.write('c');
    await output.writeAll('d');
    expect(writes).toEqual(['a', 'b', 'c', 'd']);
  });

  it('stay in order with those of the other stream', async () => {
    const all: string[] = [];
    const open = (name: string): Output =>
      new Output(
        new Writable({
          write: (chunk: Buffer, _encoding, done) => {
            all.push(`${name} ${chunk.toString()}`);
            done();
          },
        }),
      );
    const [stdout, stderr] = [open('out'), open('err')];
    stdout.write('1');
    stderr.write('2');
    stdout.write('3');
    stderr.write(Buffer.from('4'));
    stdout.write('5');
    await stderr.writeAll('6');
    expect(all).toEqual(['out 1', 'err 2', 'out 3', 'err 4', 'out 5', 'err 6']);
  });

  it('are written at once when the process is about to end', () => {
    const { writes, output } = openOutput();
    output.write('last words');
    output.release();
    expect(writes).toEqual(['last words']);
  });

  it('go nowhere once the reader has left', async () => {
    const { writes, stream, output } = openOutput();
    output.write('a');
    stream.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }));
    await Promise.resolve();
    expect({ writes, isClosed: output.isClosed }).toEqual({ writes: [], isClosed: true });
  });
});
