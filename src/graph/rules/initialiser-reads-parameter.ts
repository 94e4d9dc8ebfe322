import type { AnyNode } from 'acorn';
import { placeOf, type SourceMember } from '../source/flow-source.ts';
import { childrenOf, memberOfThis } from '../source/walk.ts';
import type { Complaint, SourceRule } from './lint-rule.ts';

export const initialiserReadsParameter: SourceRule = {
  summaries: {
    'initialiser-reads-parameter': 'Field initialisers run before parameters have values.',
  },
  check({ source }) {
    const names = new Set(source.definition.parameters.map(({ name }) => name));
    return source.members
      .flat()
      .flatMap((member) =>
        member.value === undefined ? [] : readsIn(member.value, { member, names }),
      );
  },
};

function readsIn(
  node: AnyNode,
  reading: { readonly member: SourceMember; readonly names: ReadonlySet<string> },
): Complaint[] {
  // What a function reads, it reads later.
  if (node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression') return [];
  const name = memberOfThis(node);
  const { member, names } = reading;
  if (name === undefined || !names.has(name)) {
    return childrenOf(node).flatMap((child) => readsIn(child, reading));
  }
  return [
    {
      code: 'initialiser-reads-parameter',
      message: `the field "${member.name}" starts with the parameter "${name}", which has no value yet`,
      hint: 'set the field in start',
      place: placeOf(node, member.classIndex),
    },
  ];
}
