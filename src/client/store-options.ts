import { findStore } from '../store/layout.ts';
import { type Client, openClient } from './client.ts';

/** Which store is read. */
export interface StoreOptions {
  /** The store's folder, relative to `cwd`. Default: `MILLRACE_STORE`, else found upwards from `cwd`. */
  readonly store?: string;
  /** Default: the working directory. */
  readonly cwd?: string;
}

export function clientOf({ store, cwd = process.cwd() }: StoreOptions): Client {
  const option = store === undefined ? {} : { option: store };
  return openClient(findStore({ cwd, env: process.env, ...option }));
}
