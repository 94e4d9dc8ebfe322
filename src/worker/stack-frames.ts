import { existsSync, readFileSync } from 'node:fs';
import type { SourceMap, SourceMapPayload } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { StackFrame } from '../model/failure.ts';

/** A place in a file, line and column from 1. `file` is a path. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * From places in the bundle to places in the user's own files. The source maps beside the bundle
 * are read when the first stack is, so that a task without an error pays nothing.
 */
export class SourcePlaces {
  readonly #folder: string;
  readonly #maps = new Map<string, LoadedMap | undefined>();

  /** `bundle`: the path of the prepared flow. */
  constructor(bundle: string) {
    this.#folder = dirname(bundle);
  }

  /** The same place, if it is not in the bundle or its map does not know it. */
  locate(place: Place): Place {
    if (dirname(place.file) !== this.#folder) return place;
    const map = this.#mapOf(place.file);
    const entry = map?.map.findEntry(place.line - 1, place.column - 1);
    if (map === undefined || entry === undefined || !('originalSource' in entry)) return place;
    return {
      file: pathOf(resolveSource(entry.originalSource, map)),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  }

  #mapOf(file: string): LoadedMap | undefined {
    if (!this.#maps.has(file)) this.#maps.set(file, loadMap(file));
    return this.#maps.get(file);
  }
}

/** The frames of a V8 stack text, the user's own first, each in its source file; none of ours. */
export function parseFrames(stack: string, places: SourcePlaces): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const line of stack.split('\n')) {
    const frame = parseFrame(line);
    if (frame === undefined || isOurs(frame.file)) continue;
    const located = { ...frame, ...places.locate(frame) };
    frames.push({ ...located, own: isOwn(located.file) });
  }
  return [...frames.filter((frame) => frame.own), ...frames.filter((frame) => !frame.own)];
}

/** Makes `error.stack` show source lines, whoever prints it. Runs when a stack is first read. */
export function installStackTraces(places: SourcePlaces): void {
  Error.prepareStackTrace = (error, sites) => {
    const lines = sites.map((site) => `\n    at ${describeSite(site, places)}`);
    return `${headOf(error)}${lines.join('')}`;
  };
}

interface LoadedMap {
  readonly map: SourceMap;
  readonly url: string;
}

function loadMap(file: string): LoadedMap | undefined {
  const path = `${file}.map`;
  if (!existsSync(path)) return undefined;
  try {
    const payload: SourceMapPayload = JSON.parse(readFileSync(path, 'utf8'));
    // Loaded here, not above: a task without an error needs no source map.
    const { SourceMap: LoadedMap } = process.getBuiltinModule('node:module');
    return { map: new LoadedMap(payload), url: pathToFileURL(path).href };
  } catch {
    // A stack in bundle lines is better than an error about an error.
    return undefined;
  }
}

function resolveSource(source: string, { map, url }: LoadedMap): string {
  const root = map.payload.sourceRoot ?? '';
  const joined = root === '' || root.endsWith('/') ? `${root}${source}` : `${root}/${source}`;
  return URL.canParse(joined, url) ? new URL(joined, url).href : source;
}

const FRAME = /^\s*at (?:(.+?) \()?((?:file:|node:|\/).*?):(\d+):(\d+)\)?$/;

function parseFrame(line: string): (Place & { readonly function?: string }) | undefined {
  const match = FRAME.exec(line);
  if (match === null) return undefined;
  const [, name, file = '', lineText, columnText] = match;
  const place = { file: pathOf(file), line: Number(lineText), column: Number(columnText) };
  return name === undefined ? place : { function: plainName(name), ...place };
}

/** Without what is not the user's: lowering decorators turns `class Hello` into `class _Hello`. */
function plainName(name: string): string {
  return name.replace(/^async /, '').replace(/^(new )?_(?=[A-Z])/, '$1');
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

/** Where this code itself lies: in production a file of the worker's folder, and the build says which. */
const OWN_PLACE = import.meta.url;

function isOurs(file: string): boolean {
  const folder = dirname(pathOf(OWN_PLACE));
  if (dirname(file) === folder) return true;
  // Without a process of its own, the code that calls the worker is on the stack too.
  const root = dirname(dirname(folder));
  return file.startsWith(`${root}/dist/`) || file.startsWith(`${root}/src/`);
}

function isOwn(file: string): boolean {
  return !file.startsWith('node:') && !file.includes('/node_modules/');
}

function describeSite(site: NodeJS.CallSite, places: SourcePlaces): string {
  // oxlint-disable-next-line typescript/no-base-to-string -- V8's own text of a frame
  const text = site.toString();
  const file = site.getFileName();
  const line = site.getLineNumber();
  const column = site.getColumnNumber();
  if (!file || line === null || column === null) return text;
  const place = places.locate({ file: pathOf(file), line, column });
  return text.replace(
    `${file}:${line}:${column}`,
    () => `${place.file}:${place.line}:${place.column}`,
  );
}

function headOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}
