/** What may follow an ESC: a control sequence, an operating system command, or one character. */
const AFTER_ESCAPE = /^(?:\[[0-?]*[ -/]*[@-~]?|\][^\p{Cc}]*|[^[\]])/u;
const CONTROLS = /\p{Cc}/gu;
const TAB = '    ';

/** One line of a task's output, safe to place on a screen that we draw: no escapes, no controls. */
export function stripControls(line: string): string {
  const [first = '', ...rest] = line.replaceAll('\u009b', '\u001b[').split('\u001b');
  return [first, ...rest.map((piece) => piece.replace(AFTER_ESCAPE, ''))]
    .join('')
    .replaceAll('\t', TAB)
    .replaceAll('\n', ' ')
    .replace(CONTROLS, '');
}
