import picocolors from 'picocolors';
import type { ConsoleColors } from '../observe/console/console-colors.ts';
import type { Environment } from '../runner/environment-parameters.ts';
import type { Output } from './output.ts';

/** What a command sees of the process that it runs in. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Environment;
  readonly cwd: string;
}

export type Colors = ConsoleColors;

/** Colours only on a terminal, and never with NO_COLOR. */
export function createColors(output: Output, environment: Environment): Colors {
  const isRefused = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return picocolors.createColors(output.isTerminal && !isRefused);
}

/** How a person starts this program, for messages: npx may be the only way. */
export function programName(environment: Environment): string {
  return environment['npm_command'] === 'exec' ? 'npx flow' : 'flow';
}

const WIDEST_HELP = 100;

export function helpWidth(host: Host): number {
  return Math.min(host.stdout.columns ?? 80, WIDEST_HELP);
}
