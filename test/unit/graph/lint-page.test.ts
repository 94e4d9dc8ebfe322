import { expect, it } from 'vitest';
import { ruleSummaries } from '../../../src/graph/rules/rules.ts';

const INTRO = `# Lint

\`flow check FILE\` reads a flow without running it and lists all its problems at once; \`run\` refuses a
flow with an error in the same words. Each problem has a code. Next to a transition that cannot be read,
lint says only what holds whatever stands there.

| code | what the rule asks for |
|---|---|
`;

it('docs/lint.md lists every code with its rule', async () => {
  const rows = Object.entries(ruleSummaries()).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const table = rows.map(([code, summary]) => `| \`${code}\` | ${summary} |\n`).join('');
  await expect(`${INTRO}${table}`).toMatchFileSnapshot('../../../docs/lint.md');
});
