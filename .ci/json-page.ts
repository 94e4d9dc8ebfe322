import {
  COMMAND_OUTPUTS,
  type CommandOutput,
  ERROR_SCHEMA,
} from '../src/cli/json/command-schemas.ts';
import type { JsonSchema } from '../src/cli/json/json-schema.ts';
import { SHARED_SCHEMAS } from '../src/cli/json/shared-schemas.ts';
import { JSON_VERSION } from '../src/model/version.ts';
import { fillPage } from './fill-page.ts';

/** docs/json.md with the data of every command as its schema describes it. */
export function fillJsonPage(page: string): string {
  return fillPage(
    page,
    new Map([
      ['version', `This page describes version ${JSON_VERSION}.`],
      ['commands', COMMAND_OUTPUTS.map(describeOutput).join('\n\n')],
      ['error', table(ERROR_SCHEMA)],
      ['shared', Object.entries(SHARED_SCHEMAS).map(describePart).join('\n\n')],
    ]),
  );
}

function describeOutput({ command, when, form, schema }: CommandOutput): string {
  const title = `### flow ${command}${when === undefined ? '' : `, ${when}`}`;
  const lines = form === 'lines' ? 'Any number of documents, one a line:' : undefined;
  const [array, of] =
    'items' in schema ? [`A list, ${schema.description}:`, schema.items] : [undefined, schema];
  return [title, lines, array, table(of)].filter((part) => part !== undefined).join('\n\n');
}

function describePart([name, schema]: readonly [string, JsonSchema]): string {
  return [`### ${name}`, schema.description ?? '', table(schema)].join('\n\n');
}

function table(schema: JsonSchema): string {
  const rows = rowsOf(schema, '').map((cells) => `| ${cells.join(' | ')} |`);
  return ['| field | value | |', '|---|---|---|', ...rows].join('\n');
}

/** A row for each field, and for the fields of what is nested in it. */
function rowsOf(schema: JsonSchema, path: string): string[][] {
  if (!('properties' in schema)) return [];
  const rows = Object.entries(schema.properties).flatMap(([name, value]) => {
    const isOptional = !schema.required.includes(name);
    const field = `${path}${name}`;
    const row = [`\`${field}\`${isOptional ? ' ?' : ''}`, typeOf(value), value.description ?? ''];
    return [row, ...nestedRows(value, field)];
  });
  const others = schema.additionalProperties;
  return others === false
    ? rows
    : [...rows, [`${path}…`, typeOf(others), others.description ?? '']];
}

function nestedRows(value: JsonSchema, field: string): string[][] {
  if ('items' in value) return nestedRows(value.items, `${field}[]`);
  if ('anyOf' in value) return value.anyOf.flatMap((variant) => nestedRows(variant, field));
  return 'properties' in value && value.required.length > 0 ? rowsOf(value, `${field}.`) : [];
}

function typeOf(schema: JsonSchema): string {
  if ('anyOf' in schema) return schema.anyOf.map(typeOf).join(' or ');
  if ('$ref' in schema) {
    const name = schema.$ref.replace('#/$defs/', '');
    return `[${name}](#${name})`;
  }
  if (!('type' in schema)) return 'anything';
  if ('enum' in schema) return schema.enum.map((word) => `\`"${word}"\``).join(', ');
  if ('items' in schema) return `list of ${typeOf(schema.items)}`;
  return NAMES[schema.type];
}

const NAMES = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
  null: '`null`',
  object: 'object',
  array: 'list',
};
