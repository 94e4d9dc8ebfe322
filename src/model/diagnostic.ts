/** What is wrong with a flow, as data: linters return lists of these, the CLI draws them. */
export interface Diagnostic {
  /** Stable, kebab-case, e.g. `unknown-step`. One page section in docs/lint.md each. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** One sentence: what and where. */
  readonly message: string;
  /** The remedy. */
  readonly hint?: string;
  readonly span?: SourceSpan;
}

/** A place in the user's own file (not in the bundle). Lines and columns count from 1. */
export interface SourceSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters from `column` that the caret underlines; at least 1; stays on the line. */
  readonly length: number;
}
