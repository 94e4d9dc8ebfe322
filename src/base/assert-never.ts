/** Makes a forgotten union variant a compile error, and an impossible one at run time loud. */
export function assertNever(value: never): never {
  throw new Error(`unreachable variant: ${JSON.stringify(value)}`);
}
