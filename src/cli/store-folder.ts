import { findStore } from '../store/layout.ts';
import type { Host } from './host.ts';

/** `--store`, else `MILLRACE_STORE`, else found from the working directory. */
export function storeFolder(option: string | undefined, host: Host): string {
  return findStore({ cwd: host.cwd, explicit: option, environment: host.environment });
}
