import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { taskPath } from '../model/ids.ts';
import type { TaskSpec } from '../model/task.ts';

/** Stable over the attempts of a task, and different for every other task of any run. */
export function idempotencyKeyOf(spec: TaskSpec): string {
  return createHash('sha256')
    .update(`${spec.run.id}/${taskPath(spec)}`)
    .digest('hex')
    .slice(0, 32);
}

/** The task's own folder, made by the first read; the parent removes it after the attempt. */
export function openTempDir(spec: TaskSpec): string {
  mkdirSync(spec.tempDir, { recursive: true, mode: 0o700 });
  return spec.tempDir;
}
