import { readFile } from 'node:fs/promises';
import {
  describeSecretSource,
  type SecretSource,
  type SecretSources,
} from '../../flow/secret-source.ts';
import { FlowError } from '../../model/errors.ts';
import { SHORTEST_SECRET } from '../../model/secret-rule.ts';
import { readCommandOutput } from '../../process/child/read-command-output.ts';

export type TakenSecrets = { readonly [variable: string]: string };

/**
 * The values of a step's secrets. A file of its own beside the worker, loaded by steps that have some.
 * Throws FlowError `SECRET_UNAVAILABLE`, naming all that cannot be had; never a value.
 */
export async function takeSecrets(sources: SecretSources): Promise<TakenSecrets> {
  const taken: Record<string, string> = Object.create(null);
  const problems: string[] = [];
  for (const [variable, source] of Object.entries(sources)) {
    try {
      const value: unknown = await readSource(source);
      if (typeof value !== 'string') problems.push(`${variable}: it is no text`);
      else if (value.length >= SHORTEST_SECRET) taken[variable] = value;
      else problems.push(`${variable}: it is shorter than ${SHORTEST_SECRET} characters`);
    } catch (error) {
      problems.push(`${variable}: ${reasonOf(error)}`);
    }
  }
  if (problems.length === 0) return taken;
  const from = Object.values(sources).map(describeSecretSource).join(', ');
  throw new FlowError(`secrets cannot be had: ${problems.join('; ')}`, {
    code: 'SECRET_UNAVAILABLE',
    hint: `they come from ${from}; a secret is a text of ${SHORTEST_SECRET} characters or more`,
  });
}

async function readSource(source: SecretSource): Promise<unknown> {
  if (!('kind' in source)) return source.read();
  switch (source.kind) {
    case 'environment': {
      const value = process.env[source.variable];
      if (value === undefined) throw new Error(`the variable ${source.variable} is not set`);
      return value;
    }
    case 'file':
      return withoutLineEnd(await readFile(source.path, 'utf8'));
    case 'command':
      return withoutLineEnd(await readCommandOutput(source.program, source.args));
  }
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
