import { findStore } from '../store/layout.ts';
import type { Host } from './host.ts';

/** `--store`, else `MILLRACE_STORE`, else found from the working directory. */
export function storeFolder(option: string | undefined, { cwd, environment }: Host): string {
  return findStore({ cwd, env: environment, ...(option === undefined ? {} : { option }) });
}
