#!/usr/bin/env node
import nodeModule from 'node:module';
import { JSON_VERSION, VERSION } from '../model/version.ts';

/**
 * The front door of the program. It imports nothing that a command needs, so that `--version` costs
 * no more than Node itself, and so that an old Node gets a sentence instead of a syntax error.
 */
const [first, second] = process.argv.slice(2);

if (first === '--version' || first === '-V') {
  const data = { millrace: VERSION, json: JSON_VERSION };
  process.stdout.write(`${second === '--json' ? JSON.stringify(data) : VERSION}\n`);
} else {
  const refusal = refusePlatform();
  if (refusal === undefined) await start();
  else {
    process.stderr.write(`error: ${refusal}\n`);
    process.exitCode = 2;
  }
}

async function start(): Promise<void> {
  // Since Node 22.8: keeps compiled code between commands.
  if ('enableCompileCache' in nodeModule && typeof nodeModule.enableCompileCache === 'function') {
    nodeModule.enableCompileCache();
  }
  const [{ runProgram }, { Output }, { watchBugs }] = await Promise.all([
    import('./program.ts'),
    import('./output.ts'),
    import('./watch-bugs.ts'),
  ]);
  watchBugs();
  process.exitCode = await runProgram(process.argv.slice(2), {
    stdout: new Output(process.stdout),
    stderr: new Output(process.stderr),
    environment: process.env,
    cwd: process.cwd(),
  });
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
