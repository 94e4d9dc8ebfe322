import { describe, expect, it } from 'vitest';
import type { FlowDefinition } from '../../../src/model/definition.ts';
import { problemsOf } from './shapes.ts';

type Found = readonly string[];

/** What stands in `start`. */
const BODIES: readonly (readonly [body: string, found: Found])[] = [
  ['this.x = 1;', ['2:9 no-next: the step "start" does not call next']],
  [
    'if (this.x) return; this.next(this.end);',
    ['2:31 next-not-on-every-path: the step "start" can return before it calls next'],
  ],
  [
    '{ this.next(this.end); } this.x = 1;',
    ['2:21 code-after-next: the step "start" goes on after next'],
  ],
  [
    'if (this.x) { this.next(this.end); }',
    ['2:33 next-not-on-every-path: the step "start" does not reach next on every path'],
  ],
  [
    'if (this.x) this.next(this.end); else this.next(this.other);',
    ['2:57 next-twice: the step "start" calls next more than once'],
  ],
  [
    'this.next(this.end); this.x = 2;',
    ['2:19 code-after-next: the step "start" goes on after next'],
  ],
  [
    'try { this.next(this.end); } finally {}',
    ['2:25 next-not-on-every-path: the step "start" does not reach next on every path'],
  ],
  [
    'for (const x of this.xs) this.next(this.end);',
    ['2:44 next-in-loop: the step "start" calls next in a loop'],
  ],
  [
    'this.xs.forEach(() => { if (this.x) this.next(this.end); });',
    ['2:55 next-in-function: the step "start" calls next in an inner function'],
  ],
  [
    'const x = this.next(this.end);',
    ['2:29 next-in-expression: the step "start" calls next inside an expression'],
  ],
  [
    'this.x && this.next(this.end);',
    ['2:29 next-not-on-every-path: the step "start" does not reach next on every path'],
  ],
  ['this.next();', ['2:19 unreadable-next: next in the step "start" names no step']],
  [
    'this.next(other);',
    [
      '2:29 unreadable-next: next in the step "start" names a step in a way that cannot be read before the run',
    ],
  ],
  [
    'this.next(this[name]);',
    [
      '2:29 unreadable-next: next in the step "start" names a step in a way that cannot be read before the run',
    ],
  ],
  [
    'this.next(...steps);',
    [
      '2:29 unreadable-next: next in the step "start" names a step in a way that cannot be read before the run',
    ],
  ],
  [
    'this.next(this.end, this.end);',
    ['2:39 unreadable-next: next in the step "start" names "end" twice'],
  ],
  [
    'this.next(this.end, { foo: 1 });',
    ['2:46 unreadable-next: next in the step "start" has no option "foo"'],
  ],
  [
    'this.next(this.end, { foreach: this.xs, numParallel: 2 });',
    ['2:39 unreadable-next: next in the step "start" has options that fit no transition'],
  ],
  [
    'this.next(this.end, { key: (x) => x.id });',
    ['2:39 unreadable-next: next in the step "start" has options that fit no transition'],
  ],
  [
    "this.next(this.end, { foreach: this.xs, key: 'id' });",
    ['2:64 unreadable-next: next in the step "start" has a key that is not a function'],
  ],
  [
    'this.next(this.end, this.other, { foreach: this.xs });',
    ['2:19 unreadable-next: next in the step "start" gives options to several steps'],
  ],
  [
    'this.next({ x: this.end, y: this.other });',
    ['2:19 unreadable-next: next in the step "start" has cases but no condition'],
  ],
  [
    'this.next({ [k]: this.end, y: this.other }, { condition: this.x });',
    ['2:32 unreadable-next: next in the step "start" has a computed key'],
  ],
  [
    'this.next({ ...cases }, { condition: this.x });',
    ['2:31 unreadable-next: next in the step "start" spreads an object'],
  ],
  [
    'this.next({ x: this.end, x: this.other }, { condition: this.x });',
    ['2:47 unreadable-next: next in the step "start" has the case "x" twice'],
  ],
  [
    'this.next({}, { condition: this.x });',
    ['2:9 one-case: the switch in the step "start" has fewer than two cases'],
  ],
  [
    'use(this.nope); this.next(this.end);',
    ['2:23 unset-field: the step "start" reads this.nope, which no step before it sets'],
  ],
  [
    'use(this.xx); this.next(this.end);',
    ['2:23 unset-field: the step "start" reads this.xx, which no step before it sets'],
  ],
  [
    'const { nope, xs } = this; this.next(this.end);',
    ['2:27 unset-field: the step "start" reads this.nope, which no step before it sets'],
  ],
  [
    'this.next(this.other, { foreach: "nope" });',
    [
      '2:29 foreach-not-joined: the foreach of the step "start" is not joined before "end"',
      '2:52 unset-field: the step "start" reads this.nope, which no step before it sets',
    ],
  ],
  [
    'this.next(this.other, { condition: 1 });',
    ['2:54 unreadable-next: next in the step "start" has no option "condition"'],
  ],
  [
    'switch (this.x) { case 1: return this.next(this.end); }',
    ['2:52 next-not-on-every-path: the step "start" does not reach next on every path'],
  ],
  [
    'this.next(this.end, {});',
    ['2:39 unreadable-next: next in the step "start" has options that fit no transition'],
  ],
  [
    'await this.next(this.end);',
    ['2:25 next-in-expression: the step "start" calls next inside an expression'],
  ],
];

const SOUND_BODIES: readonly string[] = [
  'if (this.x) throw new Error(); this.next(this.end);',
  '{ this.next(this.end); }',
  'return this.next(this.end);',
  'const f = () => { return 1; }; this.next(this.end);',
  'const { x = 1, xs: [first] = [] } = this; use(x, first); this.next(this.end);',
  'this.x ??= 1; this.y = (this.z ?? 0) + 1; if (this.w) use(this.y); this.next(this.end);',
  'Object.assign(this, { late: 1 }); use(this.late); this.next(this.end);',
  'for (this.at of this.xs) use(this.at); [this.p, { q: this.q }] = use(); use(this.p, this.q); this.next(this.end);',
  'xs.map(function () { return this.other1; }); this.next(this.end);',
];

/** Members before `end`, and what the loaded class says. */
const MEMBERS: readonly (readonly [
  members: readonly string[],
  more: Partial<FlowDefinition>,
  found: Found,
])[] = [
  [
    ['  size = 1;', '  start() { this.next(this.end); }', '  size() { this.next(this.end); }'],
    {},
    [
      '2:3 field-hides-step: the field "size" hides the step of that name',
      '4:3 unreachable-step: no way leads from "start" to the step "size"',
    ],
  ],
  [
    [
      '  start() { this.batchSize = 2; this.next(this.end); }',
      '  _help() { this.batchSize += 1; }',
    ],
    { parameters: [{ name: 'batchSize', kind: 'int', required: false }] },
    [
      '2:13 parameter-assigned: "start" assigns the parameter "batchSize", which is read-only',
      '3:13 parameter-assigned: "_help" assigns the parameter "batchSize", which is read-only',
    ],
  ],
  [
    [
      '  half = this.batchSize / 2; later = () => this.batchSize;',
      '  start() { this.next(this.end); }',
    ],
    { parameters: [{ name: 'batchSize', kind: 'int', required: false }] },
    [
      '2:10 initialiser-reads-parameter: the field "half" starts with the parameter "batchSize", which has no value yet',
    ],
  ],
  [
    ['  tag = 1;', '  start() { this.next(this.end); }'],
    { parameters: [{ name: 'tag', kind: 'int', required: false }] },
    ['2:3 parameter-clash: the parameter "tag" would be --tag, which is an option of run'],
  ],
  [
    ['  start() { this.next(this.end); }'],
    {
      problems: [
        {
          code: 'bad-decorator',
          message: '@retry on "start" has no option "tims"',
          hint: 'did you mean "times"?',
          member: 'start',
        },
      ],
    },
    ['2:3 bad-decorator: @retry on "start" has no option "tims"'],
  ],
  [['  start() { this.next(this.end); }', '  _help() { return this.nope; }'], {}, []],
  [
    ['  start() { this._help(); this.next(this.end); }', '  _help() { return this.nope; }'],
    {},
    ['3:20 unset-field: the step "start" reads this.nope in _help(), which no step before it sets'],
  ],
  [
    [
      '  start() { this.next(this.w, { foreach: this.xs }); }',
      '  w(x) { this.sum = x; this.next(this.j); }',
      '  j(inputs) { use(this.sum); this.next(this.end); }',
    ],
    {},
    [
      '4:19 ambiguous-in-join: the join "j" reads this.sum, which the steps that it joins may have set differently',
    ],
  ],
  [
    [
      '  start() { this.next(this.w, { foreach: this.xs }); }',
      '  w(x) { this.size = x; this.next(this.j); }',
      '  j(inputs) { use(this.size); this.next(this.end); }',
    ],
    {},
    [
      '4:19 warning ambiguous-in-join: the join "j" reads this.size, which the steps that it joins may have set differently',
    ],
  ],
  [
    [
      '  start() { this.next(this.w, { foreach: this.xs }); }',
      '  w(x) { this.sum = x; this.next(this.j); }',
      '  j(inputs) { this.next(this.k); }',
      '  k() { use(this.sum); this.next(this.end); }',
    ],
    {},
    ['5:13 unset-field: the step "k" reads this.sum, which a join before it does not take over'],
  ],
];

/** Fields get their values in ways that the text of a step alone does not show. */
const SOUND_MEMBERS: readonly (readonly [what: string, members: readonly string[]])[] = [
  [
    'a join that merges what it reads',
    [
      '  start() { this.next(this.w, { foreach: this.xs }); }',
      '  w(x) { this.sum = x; this.next(this.j); }',
      '  j(inputs) { this._merge(inputs); use(this.sum); this.next(this.k); }',
      '  k() { use(this.sum); this.next(this.end); }',
      '  _merge(inputs) { this.mergeArtifacts(inputs); }',
    ],
  ],
  [
    'a join that reads what its fork set',
    [
      '  start() { this.name = 1; this.next(this.a, this.b); }',
      '  a() { this.p = this.name; this.next(this.j); }',
      '  b() { this.next(this.j); }',
      '  j(inputs) { this.q = this.name + inputs.a.p; this.next(this.k); }',
      '  k() { use(this.name, this.q); this.next(this.end); }',
    ],
  ],
  [
    'a getter and a setter that set fields',
    [
      '  start() { use(this.got); this.put = 1; this.next(this.a); }',
      '  a() { use(this.one, this.two); this.next(this.end); }',
      '  get got() { this.one = 1; return 1; }',
      '  set put(value) { this.two = value; }',
    ],
  ],
  [
    'a function in a field that may do anything',
    [
      '  _fill = () => { this.late = 1; };',
      '  start() { this._fill(); this.next(this.a); }',
      '  a() { use(this.late); this.next(this.end); }',
    ],
  ],
  [
    'a round that reads what the round before it set',
    [
      '  start() { this.next(this.h); }',
      '  h() { use(this.last); this.next(this.s); }',
      '  s() { this.last = 1; this.next({ again: this.h, done: this.end }, { condition: this.size }); }',
    ],
  ],
];

function withBody(body: string): string {
  const rest = ['  other() { this.next(this.end); }', '  end() {}', '}'];
  return ['class Demo {', `  async start() { ${body} }`, ...rest].join('\n');
}

const isAboutOther = (problem: string) => problem.includes('to the step "other"');

describe('lint of steps and fields', () => {
  it.each(BODIES)('finds what is wrong with the body %j', (body, found) => {
    expect(problemsOf(withBody(body)).filter((one) => !isAboutOther(one))).toEqual(found);
  });

  it.each(SOUND_BODIES)('has nothing against the body %j', (body) => {
    expect(problemsOf(withBody(body)).filter((one) => !isAboutOther(one))).toEqual([]);
  });

  it.each(MEMBERS)('finds what is wrong with the members %j', (members, more, found) => {
    expect(problemsOf(['class Demo {', ...members, '  end() {}', '}'].join('\n'), more)).toEqual(
      found,
    );
  });

  it.each(SOUND_MEMBERS)('has nothing against %s', (_, members) => {
    expect(problemsOf(['class Demo {', ...members, '  end() {}', '}'].join('\n'))).toEqual([]);
  });

  it('says next to an unreadable transition only what is sure', () => {
    const members = [
      '  start() { this.next(this.a, this.b); }',
      '  a() { this.next(this[where]); }',
      '  b() { use(this.late, this.nope); this.next(this.j); }',
      '  far() { this.late = 1; this.next(this.j); }',
      '  j(inputs) { this.next(this.end); }',
    ];
    expect(problemsOf(['class Demo {', ...members, '  end() {}', '}'].join('\n'))).toEqual([
      '3:19 unreadable-next: next in the step "a" names a step in a way that cannot be read before the run',
      '4:24 unset-field: the step "b" reads this.nope, which no step before it sets',
    ]);
  });

  it('says so where a class is not written as one', () => {
    expect(problemsOf('function Demo() { [native code] }')).toEqual(
      [
        '1:1 no-start: Demo has no step "start"',
        '1:1 no-end: Demo has no step "end"',
        '1:1 class-unreadable: the text of Demo cannot be read as a class',
      ].toSorted(),
    );
  });

  it('lets a caught failure count as set', () => {
    const steps = ['start', 'end'].map((name) => ({
      name,
      classIndex: 0,
      arity: 0,
      policy: name === 'start' ? { catch: { field: 'problem' } } : {},
      decorators: [],
    }));
    const text =
      'class Demo {\n  start() { this.next(this.end); }\n  end() { use(this.problem); }\n}';
    expect(problemsOf(text, { steps })).toEqual([]);
    expect(problemsOf(text)).toEqual([
      '3:15 unset-field: the step "end" reads this.problem, which no step before it sets',
    ]);
  });
});
