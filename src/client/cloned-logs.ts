import { dirname, join } from 'node:path';
import type { LogFilesOf } from '../journal/log-files.ts';
import { firstLogAtMs, listLogFiles, readLogFiles } from '../journal/read-logs.ts';
import type { EventOf } from '../model/events.ts';
import { type RunId, type TaskPath, taskPath } from '../model/ids.ts';
import { isWanted, type LogFilter, type LogSource } from './run-logs.ts';

type Cloned = EventOf<'task.cloned'>;
type FilesByTask = ReadonlyMap<TaskPath, readonly LogFilesOf[]>;

/** What tasks printed that a run has taken over: it lies in the runs where they ran, which are over. */
export class ClonedLogs {
  readonly #flowDir: string;
  readonly #filter: LogFilter;
  readonly #origins = new Map<RunId, FilesByTask>();
  #waiting: Cloned[] = [];

  constructor(dir: string, filter: LogFilter) {
    this.#flowDir = dirname(dir);
    this.#filter = filter;
  }

  /** False if nobody asked for this task. */
  add(event: Cloned): boolean {
    const { attempt: _anyOfThem, ...filter } = this.#filter;
    if (!isWanted(event, filter)) return false;
    this.#waiting.push(event);
    return true;
  }

  /** Of the tasks that were added since the last time. */
  async takeSources(): Promise<readonly LogSource[]> {
    const sources: LogSource[] = [];
    for (const event of this.#waiting.splice(0)) sources.push(...(await this.#sourcesOf(event)));
    return sources;
  }

  async #sourcesOf({ step, position, origin, originPosition }: Cloned): Promise<LogSource[]> {
    const there = taskPath({ step, position: originPosition ?? position });
    const files = (await this.#filesOf(origin)).get(there) ?? [];
    const named = files.map((one) => ({ files: one, of: { ...one, position } }));
    const wanted = named.filter(({ of }) => isWanted(of, this.#filter));
    return Promise.all(
      wanted.map(async ({ files: one, of }) => ({
        of,
        atMs: (await firstLogAtMs(one)) ?? 0,
        open: () => readLogFiles(one),
      })),
    );
  }

  async #filesOf(origin: RunId): Promise<FilesByTask> {
    const known = this.#origins.get(origin);
    if (known !== undefined) return known;
    const byTask = new Map<TaskPath, LogFilesOf[]>();
    for (const files of await listLogFiles(join(this.#flowDir, origin))) {
      const task = taskPath(files);
      byTask.set(task, [...(byTask.get(task) ?? []), files]);
    }
    this.#origins.set(origin, byTask);
    return byTask;
  }
}
