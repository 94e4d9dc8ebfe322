import type { Complaint, SourceRule } from './lint-rule.ts';

export const startAndEnd: SourceRule = {
  summaries: {
    'no-start': 'A flow needs a step called start.',
    'no-end': 'A flow needs a step called end.',
    'end-has-next': 'Nothing comes after end.',
    'edge-into-start': 'Nothing leads to start.',
    'takes-argument': 'start and end take no argument, other steps at most one.',
  },
  check({ source }) {
    const found: Complaint[] = [];
    const flowPlace = { classIndex: 0, start: 0, length: 1 };
    for (const name of ['start', 'end']) {
      if (source.stepsByName.has(name)) continue;
      found.push({
        code: `no-${name}`,
        message: `${source.definition.name} has no step "${name}"`,
        hint: `add one: @step ${name}() { … }`,
        place: flowPlace,
      });
    }
    for (const { name, place, definition, member, transition } of source.steps) {
      const call = member?.facts?.nexts[0]?.call;
      if (name === 'end' && call !== undefined) {
        found.push({
          code: 'end-has-next',
          message: 'the step "end" calls next, but nothing comes after it',
          hint: 'remove the call, or rename the step',
          place: {
            classIndex: definition.classIndex,
            start: call.start - 1,
            length: call.end - call.start,
          },
        });
      }
      const limit = name === 'start' || name === 'end' ? 0 : 1;
      if (definition.arity > limit) {
        const allowed = limit === 0 ? 'no argument' : 'at most one argument';
        found.push({
          code: 'takes-argument',
          message: `the step "${name}" takes ${definition.arity} arguments, but may take ${allowed}`,
          hint:
            limit === 1
              ? 'a step takes its foreach item or its inputs; leave the rest in fields'
              : 'remove the argument; to join branches, add a step of its own before end',
          place,
        });
      }
      if (transition === undefined || transition.kind === 'unreadable') continue;
      for (const target of transition.targets) {
        if (target.name !== 'start') continue;
        const { start, end } = target.node;
        found.push({
          code: 'edge-into-start',
          message: `the step "${name}" leads back to "start", which only begins a run`,
          hint: 'move the work that repeats into a step of its own',
          place: { classIndex: definition.classIndex, start: start - 1, length: end - start },
        });
      }
    }
    return found;
  },
};
