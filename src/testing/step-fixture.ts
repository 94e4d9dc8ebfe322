/** What a run gave to a task, kept in a folder of its own. */
export interface StepFixture {
  readonly flow: string;
  readonly step: string;
  /** Where the task stood: `0`, `3`. */
  readonly task: string;
  /** The run that it was recorded from. */
  readonly run: string;
  /** Absolute. */
  readonly folder: string;
}
