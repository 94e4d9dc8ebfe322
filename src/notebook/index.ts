/**
 * Runs flows from the cells of a notebook, and shows them there.
 *
 * @packageDocumentation
 */
export { type NotebookOptions, NotebookRunner } from './notebook-runner.ts';
