/** After `--` nothing is an option of ours. */
export function asksForHelp(tokens: readonly string[]): boolean {
  const own = beforeDashes(tokens);
  return own.includes('--help') || own.includes('-h');
}

export function beforeDashes(tokens: readonly string[]): readonly string[] {
  const end = tokens.indexOf('--');
  return end === -1 ? tokens : tokens.slice(0, end);
}
