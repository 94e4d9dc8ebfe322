/** Where a secret comes from: one of {@link secretFrom}, or an object of your own that can read it. */
export type SecretSource = BuiltInSecretSource | SecretProvider;

/**
 * Reads a secret from wherever it is kept. It runs in the task's process, once per attempt; what it
 * throws fails the attempt.
 */
export interface SecretProvider {
  /** For messages and `flow show`: `'the vault'`. */
  readonly name: string;
  /** The value: a text of 4 characters or more. */
  readonly read: () => string | Promise<string>;
}

/** What {@link secretFrom} makes. */
export type BuiltInSecretSource =
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly program: string; readonly args: readonly string[] };

/** By the variable of the environment that gets it. */
export type SecretSources = Readonly<Record<string, SecretSource>>;

/** Never more than where to look: arguments of a command may be secret themselves. */
export function describeSecretSource(source: SecretSource): string {
  if (!('kind' in source)) return source.name;
  switch (source.kind) {
    case 'environment':
      return `the variable ${source.variable}`;
    case 'file':
      return `the file ${source.path}`;
    case 'command':
      return `the command ${source.program}`;
  }
}
