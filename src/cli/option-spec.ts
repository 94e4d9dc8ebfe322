/** An option as data: the parser, the help, docs/cli.md and the clash lint all read the same table. */
export interface OptionSpec {
  /** Kebab-case, without dashes. */
  readonly name: string;
  readonly short?: string;
  readonly help: string;
  /** What the value is called in the help; absent: a switch. */
  readonly value?: string;
  readonly repeatable?: true;
  readonly choices?: readonly string[];
  readonly defaultText?: string;
  /** A switch that also exists as `--no-…`. */
  readonly negatable?: true;
  /** The heading under which the help lists it. */
  readonly group?: string;
  /** What the value is recorded under, if not the name: several options may give one value. */
  readonly target?: string;
  /** Parsed, but not listed. */
  readonly hidden?: true;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  readonly optional?: true;
  /** Takes all the words that are left; only the last one can. */
  readonly variadic?: true;
}

export const JSON_OPTION: OptionSpec = {
  name: 'json',
  help: 'print JSON on stdout; errors too',
};

export const STORE_OPTION: OptionSpec = {
  name: 'store',
  value: 'folder',
  help: 'the store to use; else MILLRACE_STORE, else the nearest .millrace',
};

export const HELP_OPTION: OptionSpec = { name: 'help', short: 'h', help: 'print this help' };
