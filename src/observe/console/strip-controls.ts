/** What may follow an ESC: a control sequence, an operating system command, or one character. */
const AFTER_ESCAPE = /^(?:\[[0-?]*[ -/]*[@-~]?|\][^\p{Cc}]*|[^[\]])/u;
const CONTROLS = /\p{Cc}/gu;
const TAB = '    ';
const CONTROL_IN_LINES = /[^\P{Cc}\n]/u;

/** One line of a task's output, safe to place on a screen that we draw: no escapes, no controls. */
export function stripControls(line: string): string {
  const [first = '', ...rest] = line.replaceAll('\u009b', '\u001b[').split('\u001b');
  return [first, ...rest.map((piece) => piece.replace(AFTER_ESCAPE, ''))]
    .join('')
    .replaceAll('\t', TAB)
    .replaceAll('\n', ' ')
    .replace(CONTROLS, '');
}

/** The same for lines with a newline between them; most hold nothing to take out. */
export function stripControlsOfLines(lines: string): string {
  if (!CONTROL_IN_LINES.test(lines)) return lines;
  return lines.split('\n').map(stripControls).join('\n');
}
