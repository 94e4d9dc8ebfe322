import { type ReadContext, type Reading, read, refuse, show } from './parameter.ts';

/** What a file parameter makes of its file. */
export type FileForm = 'text' | 'bytes' | 'json' | 'yaml';

export const FILE_FORMS: readonly FileForm[] = ['text', 'bytes', 'json', 'yaml'];

export async function readFileParameter(
  path: string,
  form: FileForm,
  { readFile, parseText }: ReadContext,
): Promise<Reading> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return refuse(`the file ${show(path)} cannot be read (${reasonOf(error)})`);
  }
  if (form === 'bytes') return read(bytes);
  const text = new TextDecoder().decode(bytes);
  if (form === 'text') return read(text);
  const parsed = parseText(text, form);
  if (parsed.ok) return read(parsed.value);
  const places = parsed.problems.map(
    ({ message, line, column }) => `${path}:${line}:${column}: ${message}`,
  );
  return refuse(`the file is not ${form === 'json' ? 'JSON' : 'YAML'}: ${places.join('; ')}`);
}

/** What an earlier launch read, where the form may have changed since. */
export function readFileContent(content: unknown, form: FileForm): Reading {
  if (form === 'text' && typeof content !== 'string') return refuse('its content is no text');
  if (form === 'bytes' && !(content instanceof Uint8Array))
    return refuse('its content is no bytes');
  return read(content);
}

function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
