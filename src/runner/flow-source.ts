import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FlowClass, isFlowClass } from '../flow/steps.ts';
import { FlowError } from '../model/errors.ts';
import { cannotBe } from './check-options.ts';

/** Where a flow's code is. */
export type FlowSource = FileSource | ClassSource;

export interface FileSource {
  /** Absolute. */
  readonly file: string;
  /** Which flow of the file; absent: the only one. */
  readonly flow?: string;
}

/** A class that does not say its file: nowhere but in this process. */
interface ClassSource {
  readonly loaded: FlowClass;
}

/**
 * A file, `file.ts:Name` where it holds several flows, or a class, which may say where it was written:
 * `static source = import.meta.url`. Throws FlowError `OPTION_INVALID`.
 */
export function flowSource(flow: unknown, cwd: string): FlowSource {
  if (typeof flow === 'string') return fileSource(flow, cwd);
  if (!isFlowClass(flow)) {
    throw cannotBe('The flow', flow, 'a file, or a class that extends FlowSpec');
  }
  const source: unknown = Reflect.get(flow, 'source');
  if (typeof source === 'string' && source.startsWith('file:')) {
    return { file: fileURLToPath(source), flow: flow.name };
  }
  requireName(flow);
  return { loaded: flow };
}

/** Throws FlowError `FLOW_SOURCE_UNKNOWN` for a class whose tasks no process could load. */
export function requireFile(source: FlowSource, what: string, otherwise = ''): FileSource {
  if ('file' in source) return source;
  throw new FlowError(
    `The class ${source.loaded.name} does not say which file it is in: ${what}.`,
    {
      code: 'FLOW_SOURCE_UNKNOWN',
      hint: `${otherwise}add \`static source = import.meta.url\` to the class, or give its file to the Runner`,
    },
  );
}

function fileSource(flow: string, cwd: string): FileSource {
  const colon = flow.lastIndexOf(':');
  const whole = resolve(cwd, flow);
  if (colon < 0 || statSync(whole, { throwIfNoEntry: false }) !== undefined) return { file: whole };
  return { file: resolve(cwd, flow.slice(0, colon)), flow: flow.slice(colon + 1) };
}

const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/** It names a folder of the store. */
function requireName({ name }: FlowClass): void {
  if (typeof name === 'string' && NAME.test(name)) return;
  throw new FlowError('The class has no name, and its runs are kept under that.', {
    code: 'OPTION_INVALID',
    hint: 'name it: `class Weather extends FlowSpec`',
  });
}
