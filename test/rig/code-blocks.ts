import { readFileSync } from 'node:fs';

export interface CodeBlock {
  readonly language: string;
  /** `title="flow.ts"` in the info string: the file that the block is. */
  readonly title?: string;
  /** `exit=1` in the info string: how the commands of the block end. */
  readonly exitCode: number;
  readonly text: string;
  readonly line: number;
}

/** The fenced code blocks of a Markdown page, in order. */
export function codeBlocks(page: string): CodeBlock[] {
  const lines = readFileSync(page, 'utf8').split('\n');
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^```(\w+)(?: title="([^"]+)")?(?: exit=(\d+))?$/.exec(lines[at] ?? '');
    if (fence === null) continue;
    const end = lines.indexOf('```', at + 1);
    const [, language = '', title, exitText = '0'] = fence;
    const text = lines.slice(at + 1, end).join('\n');
    const exitCode = Number(exitText);
    blocks.push({
      language,
      text,
      exitCode,
      line: at + 1,
      ...(title === undefined ? {} : { title }),
    });
    at = end;
  }
  return blocks;
}
