import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlowClass } from '../client/flow-types.ts';
import { FlowError } from '../model/errors.ts';

/** Where a flow's code is. */
export interface FlowSource {
  /** Absolute. */
  readonly file: string;
  /** Which flow of the file; absent: the only one. */
  readonly flow?: string;
}

/**
 * A file, `file.ts:Name` where it holds several flows, or a class that says where it was written:
 * `static source = import.meta.url`. Throws FlowError `FLOW_SOURCE_UNKNOWN`.
 */
export function flowSource(flow: string | FlowClass, cwd: string): FlowSource {
  if (typeof flow !== 'string') return { file: fileOfClass(flow), flow: flow.name };
  const colon = flow.lastIndexOf(':');
  const whole = resolve(cwd, flow);
  if (colon < 0 || statSync(whole, { throwIfNoEntry: false }) !== undefined) return { file: whole };
  return { file: resolve(cwd, flow.slice(0, colon)), flow: flow.slice(colon + 1) };
}

function fileOfClass(flow: FlowClass): string {
  const source: unknown = Reflect.get(flow, 'source');
  if (typeof source === 'string' && source.startsWith('file:')) return fileURLToPath(source);
  throw new FlowError(`The class ${flow.name} does not say which file it is in.`, {
    code: 'FLOW_SOURCE_UNKNOWN',
    hint: 'every task loads the flow in a process of its own: add `static source = import.meta.url` to the class, or give the file',
  });
}
