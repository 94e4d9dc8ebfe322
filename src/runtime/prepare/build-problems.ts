import { readdirSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import type { Location, Message } from 'esbuild';
import { didYouMean } from '../../base/suggest.ts';
import type { Diagnostic, SourceSpan } from '../../model/diagnostic.ts';
import { FlowError } from '../../model/errors.ts';
import { API_MODULE } from './api-module.ts';

/** The bundler is a process of its own, and may be killed, or be given no threads. */
function isOfEndedBundler(error: unknown): error is Error {
  return error instanceof Error && /^The service (was|is no longer)/.test(error.message);
}

function bundlerEnded(cause: Error, file: string): FlowError {
  return new FlowError(`${file} cannot be bundled: the bundler's process ended`, {
    code: 'BUNDLER_ENDED',
    hint: 'try again; if it ends each time, look whether memory or processes are short here (free, ulimit -u)',
    cause,
  });
}

/** What the bundler complains about, as one error that holds every problem. */
export function parseError(error: unknown, file: string, root: string): unknown {
  if (isOfEndedBundler(error)) return bundlerEnded(error, relative(root, file));
  if (!isBuildFailure(error)) return error;
  const diagnostics = error.errors.map((message) => diagnosticOf(message, root));
  const count = diagnostics.length === 1 ? 'a problem' : `${diagnostics.length} problems`;
  return new FlowError(`${relative(root, file)} cannot be bundled: ${count} in its code`, {
    code: 'FLOW_NOT_PARSABLE',
    diagnostics,
    details: {
      excerpts: error.errors.flatMap(({ location }) =>
        location === null
          ? []
          : [
              {
                file: resolve(root, location.file),
                line: location.line,
                text: location.lineText,
              },
            ],
      ),
    },
  });
}

/** What is wrong with the entry of added decorators: a package that is not there. Else undefined. */
export function parseAddedError(error: unknown, entry: string): FlowError | undefined {
  if (!isBuildFailure(error)) return undefined;
  const message = error.errors.find(({ location }) => location?.file === entry);
  const specifier = UNRESOLVED.exec(message?.text ?? '')?.[1];
  if (specifier === undefined) return undefined;
  return new FlowError(`--with names the module "${specifier}", which is not installed`, {
    code: 'WITH_INVALID',
    hint: 'install the package beside the flow; write a file of yours as ./file.ts',
  });
}

function isBuildFailure(error: unknown): error is { readonly errors: readonly Message[] } {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

const UNRESOLVED = /^Could not resolve "(.*)"$/;

function diagnosticOf(message: Message, root: string): Diagnostic {
  const specifier = UNRESOLVED.exec(message.text)?.[1];
  const hint =
    specifier === undefined ? message.notes[0]?.text : importHint(specifier, message, root);
  return {
    code: specifier === undefined ? 'not-parsable' : 'unresolved-import',
    severity: 'error',
    message: message.text.replace(`"${API_MODULE}"`, '"millrace"'),
    ...(hint === undefined || hint === '' ? {} : { hint }),
    ...(message.location === null ? {} : { span: spanOf(message.location, root) }),
  };
}

/** The bundler counts columns in bytes of UTF-8 from 0, a span in UTF-16 units from 1. */
function spanOf(location: Location, root: string): SourceSpan {
  const bytes = Buffer.from(location.lineText);
  const column = bytes.subarray(0, location.column).toString().length;
  const marked = bytes.subarray(location.column, location.column + location.length).toString();
  return {
    file: resolve(root, location.file),
    line: location.line,
    column: column + 1,
    length: Math.max(1, marked.length),
  };
}

function importHint(specifier: string, message: Message, root: string): string | undefined {
  if (/^[./]/.test(specifier)) {
    const from = message.location === null ? root : dirname(resolve(root, message.location.file));
    return didYouMean(basename(specifier), namesIn(resolve(from, dirname(specifier))));
  }
  const parts = specifier.split('/');
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  return `install it (npm install ${name}), or check the spelling`;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
