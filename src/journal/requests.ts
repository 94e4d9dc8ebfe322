import { existsSync, type FSWatcher, mkdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A run inside somebody's program takes no signals: they would hit the whole program. It takes
 * requests instead, as files in a folder of the run that it watches.
 */
export type RunRequest = 'stop' | 'kill';

/** Watches for requests until it is closed. Where the system has no watches, none arrive. */
export function takeRequests(dir: string, onRequest: (request: RunRequest) => void): () => void {
  const folder = requestsFolder(dir);
  mkdirSync(folder, { mode: 0o700 });
  const watcher = watchIfPossible(folder, (name) => {
    if (name === 'stop' || name === 'kill') onRequest(name);
  });
  return () => watcher?.close();
}

export function takesRequests(dir: string): boolean {
  return existsSync(requestsFolder(dir));
}

export function sendRequest(dir: string, request: RunRequest): void {
  writeFileSync(join(requestsFolder(dir), request), '', { mode: 0o600 });
}

function requestsFolder(dir: string): string {
  return join(dir, 'requests');
}

function watchIfPossible(
  folder: string,
  onName: (name: string | null) => void,
): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, (_event, name) => onName(name)).on(
      'error',
      () => {},
    );
  } catch {
    return undefined;
  }
}
