import { type Client, openClient } from '../../client/client.ts';
import type { LogFilter, RunLogChunk } from '../../client/run-logs.ts';
import { findTaskTarget, type TaskTarget } from '../../client/task-target.ts';
import type { GraphNode } from '../../model/graph.ts';
import { type Position, ROOT_POSITION } from '../../model/ids.ts';
import type { LogStream } from '../../model/ports/executor.ts';
import { LineSplitter } from '../../process/line-splitter.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { GivenOptions } from '../given-options.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow logs`: the bytes of one task as they are, those of several as lines that say whose they are. */
export async function logs({ words, options, host }: CommandInput): Promise<CommandResult> {
  const client = openClient(storeFolder(options.text('store'), host));
  const target = await findTaskTarget(words[0] ?? '', client);
  const filter = logFilter(target, options);
  const { run } = target;
  const written = options.flag('follow')
    ? client.followLogs(run, filter)
    : client.readLogs(run, filter);
  const chunks = requireTask(client, target, written);
  if (options.flag('json')) return { kind: 'stream', chunks: formatLines(chunks, jsonLine) };
  const isOneTask = target.position !== undefined || target.step?.levels.length === 0;
  const withTime = options.flag('timestamps');
  if (isOneTask && !withTime) return { kind: 'stream', chunks: rawBytes(chunks) };
  return {
    kind: 'stream',
    chunks: formatLines(chunks, (line) => textLine(line, { withTime, withTask: !isOneTask })),
  };
}

function logFilter({ step, position }: TaskTarget, options: GivenOptions): LogFilter {
  const [stdout, stderr] = [options.flag('stdout'), options.flag('stderr')];
  const stream: LogStream | undefined =
    stdout === stderr ? undefined : stdout ? 'stdout' : 'stderr';
  const attempt = options.count('attempt');
  return {
    ...(step === undefined ? {} : { step: step.name }),
    ...positionFilter(step, position),
    ...(attempt === undefined ? {} : { attempt }),
    ...(stream === undefined ? {} : { stream }),
  };
}

/** A step outside any foreach and loop has one task, so that following it ends with that task. */
function positionFilter(
  step: GraphNode | undefined,
  position: Position | undefined,
): Pick<LogFilter, 'position'> {
  if (position !== undefined) return { position };
  return step?.levels.length === 0 ? { position: ROOT_POSITION } : {};
}

/** A task that printed nothing is fine; one that never was is a mistake. */
async function* requireTask(
  client: Client,
  { run, step, position }: TaskTarget,
  chunks: AsyncIterable<RunLogChunk>,
): AsyncGenerator<RunLogChunk> {
  let isEmpty = true;
  for await (const chunk of chunks) {
    isEmpty = false;
    yield chunk;
  }
  if (isEmpty && step !== undefined && position !== undefined) {
    await client.task(run, { step: step.name, position });
  }
}

async function* rawBytes(chunks: AsyncIterable<RunLogChunk>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of chunks) yield bytes;
}

interface WrittenLine extends Omit<RunLogChunk, 'bytes'> {
  readonly text: string;
}

/** Lines in the order in which they were ended; a line keeps the time of its last piece. */
async function* formatLines(
  chunks: AsyncIterable<RunLogChunk>,
  format: (line: WrittenLine) => string,
): AsyncGenerator<string> {
  const splitters = new Map<string, LineSplitter>();
  const latest = new Map<string, RunLogChunk>();
  let ready: string[] = [];
  for await (const chunk of chunks) {
    const key = `${chunk.step}/${chunk.position} ${chunk.attempt} ${chunk.stream}`;
    latest.set(key, chunk);
    let splitter = splitters.get(key);
    if (splitter === undefined) {
      splitter = new LineSplitter((text) => {
        const from = latest.get(key);
        if (from === undefined) return;
        for (const line of text.split('\n')) ready.push(format({ ...from, text: line }));
      });
      splitters.set(key, splitter);
    }
    splitter.push(chunk.bytes);
    if (ready.length > 0) yield ready.join('');
    ready = [];
  }
  for (const splitter of splitters.values()) splitter.end();
  if (ready.length > 0) yield ready.join('');
}

function jsonLine({ step, position, attempt, stream, atMs, text }: WrittenLine): string {
  const at = new Date(atMs).toISOString();
  return `${JSON.stringify({ step, task: position, attempt, stream, at, text })}\n`;
}

function textLine(
  { step, position, atMs, text }: WrittenLine,
  { withTime, withTask }: { readonly withTime: boolean; readonly withTask: boolean },
): string {
  const time = withTime ? `${new Date(atMs).toISOString()} ` : '';
  const task = withTask ? `[${step}/${position}] ` : '';
  return `${time}${task}${text}\n`;
}
