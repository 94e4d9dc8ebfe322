/** Who has ended itself. */
export interface ExitHolder {
  exitCode: number | undefined;
}

/**
 * `process.exit` ends the task whose code calls it, not the process of all. It throws there; a task that
 * catches that has ended all the same. Returns what undoes it.
 */
export function holdExit(perTask: () => ExitHolder | undefined): () => void {
  const exit: typeof process.exit = Reflect.get(process, 'exit');
  const held = (code?: number | string | null): never => {
    const task = perTask();
    if (task === undefined) return exit.call(process, code);
    task.exitCode ??= Number(code ?? process.exitCode ?? 0);
    throw new Error(`process.exit(${code ?? ''}) ended the task`);
  };
  process.exit = held;
  return () => {
    if (process.exit === held) Reflect.set(process, 'exit', exit);
  };
}
