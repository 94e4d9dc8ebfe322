import { Output } from './output.ts';
import { runProgram } from './program.ts';
import { watchBugs } from './watch-bugs.ts';

// Taken before any code of a flow can replace it.
const exit = process.exit.bind(process);

/** The program behind the front door: one command line, in this process. */
async function start(): Promise<void> {
  const stdout = new Output(process.stdout);
  const stderr = new Output(process.stderr);
  watchBugs([stdout, stderr]);
  process.exitCode = await runProgram(process.argv.slice(2), {
    stdout,
    stderr,
    environment: process.env,
    cwd: process.cwd(),
  });
  // All is written, and Node need not tidy up. What inline tasks left open, or still do after they were
  // given up, ends as that of others does.
  exit();
}

void start();
