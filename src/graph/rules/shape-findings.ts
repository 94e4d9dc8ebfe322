import { type Finding } from '../shape/shape.ts';
import type { Complaint, ShapeContext, ShapeRule } from './lint-rule.ts';

/** Puts what the shape's analysis found into words. */
export const shapeFindings: ShapeRule = {
  summaries: {
    cycle: 'Only a case of a switch may lead back.',
    'loop-entry': 'A loop is entered only at its head.',
    'loop-exit': 'A loop is left only by cases of a switch, outside any foreach that it opened.',
    'loop-head-joins': 'The head of a loop takes no inputs.',
    'back-in-foreach': 'A case cannot lead back out of an open foreach.',
    'shared-item-step': 'The target of a foreach is reached from that foreach alone.',
    'branches-not-joined': 'Branches of a split meet in a step that takes inputs.',
    'join-without-split': 'A step that takes inputs joins branches or closes a foreach.',
    'foreach-not-joined': 'A foreach is closed by a join before end.',
    'crossed-join': 'A join closes what was opened last.',
    'different-depths': 'All ways to a step open the same foreaches and loops.',
  },
  check: (context) => context.shape.findings.map((finding) => describe(finding, context)),
};

function describe(finding: Finding, { shape, source }: ShapeContext): Complaint {
  const nameOf = (step: number): string => source.steps[step]?.name ?? '';
  const placeOf = (step: number) => source.steps[step]?.place;
  switch (finding.kind) {
    case 'cycle':
    case 'side-door':
    case 'loop-exit':
    case 'back-in-foreach': {
      const { from, to } = finding.wire;
      const [code, message, hint] = WIRES[finding.kind];
      const text = message
        .replace('A', () => `"${nameOf(from)}"`)
        .replace('B', () => `"${nameOf(to)}"`);
      return { code, message: text, hint, place: placeOf(from) };
    }
    case 'depths': {
      const [step, one, other] = [finding.step, finding.one, finding.other].map(nameOf);
      return {
        code: 'different-depths',
        message: `the step "${step}" is reached from "${one}" and "${other}", which stand in different foreaches or loops`,
        hint: 'close the foreach with a join first, or lead there from one side only',
        place: placeOf(finding.step),
      };
    }
    default: {
      const [code, message, hint] = STEPS[finding.kind];
      const sources = (shape.order.into[finding.step] ?? []).map(({ from }) => `"${nameOf(from)}"`);
      const text = message
        .replace('SOURCES', () => sources.join(', '))
        .replace('STEP', () => `"${nameOf(finding.step)}"`);
      return { code, message: text, hint, place: placeOf(finding.step) };
    }
  }
}

type Words = readonly [code: string, message: string, hint: string];

const JOIN = 'add a join: @step join(inputs) { this.next(this.end); }';

const WIRES: { readonly [K in 'cycle' | 'side-door' | 'loop-exit' | 'back-in-foreach']: Words } = {
  cycle: [
    'cycle',
    'the step A leads back to B',
    'only a case may lead back: this.next({ again: …, done: … }, { condition: … })',
  ],
  'side-door': [
    'loop-entry',
    'the loop from A back to B can be entered without passing B',
    'lead every way into the loop through its first step',
  ],
  'loop-exit': [
    'loop-exit',
    'the step A leaves a loop to B, but not by a case outside a foreach',
    'leave a loop by a case of a switch, after its foreaches are joined',
  ],
  'back-in-foreach': [
    'back-in-foreach',
    'the step A leads back to B out of an open foreach',
    `close the foreach first; ${JOIN}`,
  ],
};

type StepKind =
  | 'shared-item-step'
  | 'branches-meet'
  | 'lonely-join'
  | 'open-end'
  | 'loop-join'
  | 'crossed-join';

const STEPS: { readonly [K in StepKind]: Words } = {
  'shared-item-step': [
    'shared-item-step',
    'the step STEP is the target of a foreach and is reached from SOURCES',
    'give the foreach a step of its own',
  ],
  'branches-meet': [
    'branches-not-joined',
    'the branches SOURCES meet in STEP, which takes no inputs',
    'let them meet in a step that takes inputs: @step join(inputs) { … }',
  ],
  'lonely-join': [
    'join-without-split',
    'the step STEP takes inputs, but there is no split or foreach to join',
    'remove its argument, or split before it',
  ],
  'open-end': ['foreach-not-joined', 'the step STEP is reached inside an open foreach', JOIN],
  'loop-join': [
    'loop-head-joins',
    'the step STEP takes inputs and is the head of a loop',
    'put a plain step between the join and the loop',
  ],
  'crossed-join': [
    'crossed-join',
    'the step STEP joins across the border of a loop or foreach',
    'join inside the loop or foreach what was split there',
  ],
};
