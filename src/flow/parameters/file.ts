import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type ReadContext, type Reading, read, refuse, show } from './parameter.ts';
import { readBySchema } from './schema.ts';

/** What a file parameter makes of its file. */
export type FileForm = 'text' | 'bytes' | 'json' | 'yaml';

export const FILE_FORMS: readonly FileForm[] = ['text', 'bytes', 'json', 'yaml'];

/** What its options make of a file. */
export interface FileShape {
  readonly form: FileForm;
  readonly schema: StandardSchemaV1 | undefined;
}

export async function readFileParameter(
  path: string,
  { form, schema }: FileShape,
  context: ReadContext,
): Promise<Reading> {
  const content = await readForm(path, form, context);
  if (schema === undefined || !content.ok) return content;
  const checked = await readBySchema(schema, content.value);
  return checked.ok ? checked : refuse(`the content of ${show(path)}: ${checked.message}`);
}

async function readForm(
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

/**
 * What an earlier launch read, where the form may have changed since. What a schema made of it stands:
 * it need not be anything that the schema takes.
 */
export function readFileContent(content: unknown, { form, schema }: FileShape): Reading {
  if (schema !== undefined) return read(content);
  if (form === 'text' && typeof content !== 'string') return refuse('its content is no text');
  if (form === 'bytes' && !(content instanceof Uint8Array))
    return refuse('its content is no bytes');
  return read(content);
}

function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
