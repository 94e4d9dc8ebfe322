import { execFile } from 'node:child_process';

const MOST_BYTES = 1024 * 1024;

/**
 * What a program prints on stdout, without a shell. Its stderr goes where that of this process goes, so
 * that it may ask or complain. Rejects with a sentence that holds neither its arguments nor its output.
 */
export function readCommandOutput(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [...args],
      { encoding: 'utf8', maxBuffer: MOST_BYTES },
      (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`the command ${program} ${reasonOf(error)}`));
      },
    );
    child.stdin?.end();
    child.stderr?.pipe(process.stderr, { end: false });
  });
}

function reasonOf({
  code,
  signal,
}: {
  readonly code?: unknown;
  readonly signal?: unknown;
}): string {
  if (code === 'ENOENT') return 'is not there';
  if (typeof code === 'number') return `ended with exit code ${code}`;
  return typeof signal === 'string' ? `was ended by ${signal}` : `failed: ${String(code)}`;
}
