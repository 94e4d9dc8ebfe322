#!/usr/bin/env node
import { JSON_VERSION, VERSION } from '../model/version.ts';
import { runCached } from '../process/child/run-cached.ts';

/** Told by the build. */
declare const PROGRAM_DIGEST: string;

/**
 * The front door of the program: CommonJS, which Node starts sooner than a module. It imports no more than
 * what starts the program, so that `--version` costs no more than Node itself, and so that an old Node gets
 * a sentence instead of a syntax error.
 */
const [first, second] = process.argv.slice(2);

if (first === '--version' || first === '-V') {
  const data = { millrace: VERSION, json: JSON_VERSION };
  process.stdout.write(`${second === '--json' ? JSON.stringify(data) : VERSION}\n`);
} else {
  const refusal = refusePlatform() ?? refuseFolder();
  if (refusal === undefined) start(first);
  else {
    process.stderr.write(`error: ${refusal}\n`);
    process.exitCode = 2;
  }
}

function start(command = ''): void {
  const file = `${__dirname}/cli-program.cjs`;
  const use = /^[a-z]{2,12}$/.test(command) ? command : 'help';
  runCached({ file, digest: PROGRAM_DIGEST, use, require });
}

function refusePlatform(): string | undefined {
  if (process.platform === 'win32') {
    return 'Millrace does not run on Windows yet: use Linux, macOS, or WSL';
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isOld = major < 20 || (major === 20 && minor < 19);
  return isOld
    ? `Millrace needs Node 20.19 or later, and this is ${process.versions.node}`
    : undefined;
}

function refuseFolder(): string | undefined {
  try {
    process.cwd();
    return undefined;
  } catch {
    return 'The folder that this was started in is gone: go to one that exists';
  }
}
