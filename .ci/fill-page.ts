/**
 * A page of documentation whose generated parts stand between `<!-- the name of the part -->` and
 * `<!-- end -->`; what is around them is written by people. A part that the page lacks, or that nobody
 * generates, is an error.
 */
export function fillPage(page: string, parts: ReadonlyMap<string, string>): string {
  const left = new Set(parts.keys());
  const filled = page.replaceAll(
    /^<!-- (.*) -->\n[\s\S]*?^<!-- end -->$/gm,
    (_whole, name: string) => {
      const text = parts.get(name);
      if (text === undefined) throw new Error(`nothing generates the part "${name}"`);
      left.delete(name);
      return `<!-- ${name} -->\n\n${text}\n\n<!-- end -->`;
    },
  );
  if (left.size === 0) return filled;
  const [first = ''] = left;
  throw new Error(`the page has no part "${first}": write <!-- ${first} --> and <!-- end -->`);
}
