import type { AnyNode } from 'acorn';
import { placeOf, type SourceMember } from '../source/flow-source.ts';
import { childrenOf, memberOfThis } from '../source/walk.ts';
import type { Complaint, LintContext, SourceRule } from './lint-rule.ts';

export const parameters: SourceRule = {
  summaries: {
    'parameter-assigned': 'Parameters are read-only in steps.',
    'parameter-clash': 'A parameter has the name of a run option, or of another parameter.',
    'initialiser-reads-parameter': 'Field initialisers run before parameters have values.',
  },
  check: (context) => [...assigned(context), ...clashes(context), ...earlyReads(context)],
};

function assigned({ source }: LintContext): Complaint[] {
  const names = namesOf({ source });
  return source.members.flat().flatMap((member) => {
    if (member.kind === 'constructor') return [];
    return [...(member.facts?.sets ?? [])]
      .filter(([name]) => names.has(name))
      .map(([name, node]) => ({
        code: 'parameter-assigned',
        message: `"${member.name}" assigns the parameter "${name}", which is read-only`,
        hint: 'keep the new value in a field of its own',
        place: placeOf(node, member.classIndex),
      }));
  });
}

function clashes({ source, reservedOptions }: LintContext): Complaint[] {
  const taken = new Set(reservedOptions);
  const members = source.members.flat();
  return source.definition.parameters
    .filter(({ name }) => taken.has(flagOf(name)))
    .map(({ name }) => ({
      code: 'parameter-clash',
      message: `the parameter "${name}" would be --${flagOf(name)}, which is an option of run`,
      hint: 'rename the parameter',
      place: members.find((member) => member.name === name)?.place,
    }));
}

function earlyReads({ source }: LintContext): Complaint[] {
  const names = namesOf({ source });
  return source.members
    .flat()
    .flatMap((member) =>
      member.value === undefined ? [] : readsIn(member.value, { member, names }),
    );
}

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

function namesOf({ source }: Pick<LintContext, 'source'>): ReadonlySet<string> {
  return new Set(source.definition.parameters.map(({ name }) => name));
}

function flagOf(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}
