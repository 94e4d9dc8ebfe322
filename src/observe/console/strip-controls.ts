import { stripVTControlCharacters } from 'node:util';

const CONTROLS = /\p{Cc}/gu;
const TAB = '    ';

/** One line of a task's output, safe to place on a screen that we draw: no escapes, no controls. */
export function stripControls(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll('\t', TAB)
    .replaceAll('\n', ' ')
    .replace(CONTROLS, '');
}
