/** Comments, strings and templates, in which a bracket is no bracket. */
const OPAQUE = String.raw`\/\/.*|\/\*[^]*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\`(?:\\.|[^\`\\])*\``;
const COMMENT = /\/\/.*|\/\*[^]*?\*\//y;
const SPACE = /\s+/y;
const DECORATOR = /@[\w$.]+/y;
const MODIFIER = /(?:export|default|abstract|declare|class|async|public|protected|override)\b/y;
const ASSIGNMENT = /(?:const|let|var)\s+[\w$]+\s*=/y;
const ARGUMENTS_PART = new RegExp(`${OPAQUE}|[^]`, 'y');

/**
 * The text of the doc comment of a name that comes right after a text: between the two stand only
 * decorators, modifiers and other comments. What describes the class, or another member, is never that of
 * a method.
 */
export function docCommentAtEnd(source: string): string | undefined {
  const start = source.lastIndexOf('/**');
  const end = source.indexOf('*/', start + 3);
  if (start < 0 || end < 0 || !isOnlyDecoration(source, end + 2)) return undefined;
  const text = source
    .slice(start + 3, end)
    .replace(/^[ \t]*\*?[ \t]?/gm, '')
    .trim();
  return text === '' ? undefined : text;
}

function isOnlyDecoration(text: string, from: number): boolean {
  let at = from;
  while (at < text.length) {
    const next = afterDecoration(text, at);
    if (next === at) return false;
    at = next;
  }
  return true;
}

function afterDecoration(text: string, at: number): number {
  const decorated = afterMatch(DECORATOR, text, at);
  if (decorated > at) return text[decorated] === '(' ? afterArguments(text, decorated) : decorated;
  for (const pattern of [SPACE, COMMENT, MODIFIER, ASSIGNMENT]) {
    const next = afterMatch(pattern, text, at);
    if (next > at) return next;
  }
  return at;
}

function afterArguments(text: string, open: number): number {
  let depth = 0;
  let at = open;
  while (at < text.length) {
    const next = afterMatch(ARGUMENTS_PART, text, at);
    const part = text.slice(at, next);
    if (part === '(') depth += 1;
    if (part === ')') depth -= 1;
    at = next;
    if (depth === 0) return at;
  }
  return at;
}

function afterMatch(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : at;
}
