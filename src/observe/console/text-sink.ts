/** Where a console writes: a terminal, a pipe, or a test's screen. */
export interface TextSink {
  write(text: string): void;
  /** Of a terminal, at this moment. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}
