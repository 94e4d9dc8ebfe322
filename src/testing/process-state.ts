let users = 0;
let restore = (): void => {};

/**
 * What tasks may change of this process (environment, working directory, exit code) is put back once
 * none of them runs any more.
 */
export function borrowProcess(): () => void {
  if (users === 0) restore = rememberProcess();
  users += 1;
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    users -= 1;
    if (users === 0) restore();
  };
}

function rememberProcess(): () => void {
  const environment = { ...process.env };
  const cwd = process.cwd();
  const { exitCode } = process;
  return () => {
    process.exitCode = exitCode;
    for (const name of Object.keys(process.env)) {
      if (!Object.hasOwn(environment, name)) delete process.env[name];
    }
    Object.assign(process.env, environment);
    // Worker threads, in which some test runners run tests, cannot change it.
    if (process.cwd() !== cwd) process.chdir(cwd);
  };
}
