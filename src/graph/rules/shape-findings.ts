import type { Finding } from '../shape/shape.ts';
import { type FlowSource, type Place, placeOf, type SourceStep } from '../source/flow-source.ts';
import { emptyForeach, looksLikeJoin } from './empty-foreach.ts';
import type { Complaint, ShapeContext, ShapeRule } from './lint-rule.ts';

/** Puts what the shape's analysis found into words. */
export const shapeFindings: ShapeRule = {
  summaries: {
    cycle: 'Only a case of a switch may lead back.',
    'loop-entry': 'A loop is entered only at its head.',
    'loop-exit': 'A loop is left only by cases of a switch, outside any foreach that it opened.',
    'loop-head-joins': 'The head of a loop takes no inputs.',
    'back-in-foreach': 'A case does not lead back out of an open foreach.',
    'shared-item-step': 'The target of a foreach or a gang is reached from that one alone.',
    'branches-not-joined': 'Branches of a split meet in a step that takes inputs.',
    'join-without-split': 'A step that takes inputs joins branches or closes a foreach.',
    'empty-foreach': 'There is a step between a foreach or a gang and the join that closes it.',
    'foreach-not-joined': 'A foreach or a gang is closed by a join before end.',
    'crossed-join': 'A join closes what was opened last.',
    'different-depths': 'All ways to a step open the same foreaches and loops.',
  },
  check(context) {
    const { findings, isWhole } = context.shape;
    const backs = findings.flatMap((one) =>
      one.kind === 'back-in-foreach' ? [one.wire.from] : [],
    );
    return findings
      .filter((finding) => isWhole || !UNSURE.has(finding.kind))
      .filter((finding) => finding.kind !== 'loop-exit' || !backs.includes(finding.wire.from))
      .map((finding) => describe(finding, context));
  },
};

/** What one more edge could put right. */
const UNSURE: ReadonlySet<Finding['kind']> = new Set([
  'lonely-join',
  'crossed-join',
  'depths',
  'loop-exit',
]);

function describe(finding: Finding, context: ShapeContext): Complaint {
  const { source, shape } = context;
  const nameOf = (step: number): string => `"${source.steps[step]?.name}"`;
  switch (finding.kind) {
    case 'cycle':
    case 'side-door':
    case 'loop-exit':
    case 'back-in-foreach': {
      const { from, to } = finding.wire;
      const [code, message, hint] = WIRES[finding.kind];
      const text = message.replaceAll(/\b[AB]\b/g, (which) => nameOf(which === 'A' ? from : to));
      const [step, target] = [source.steps[from], source.steps[to]];
      return { code, message: text, hint, place: targetPlace(step, target) };
    }
    case 'depths': {
      const [step, one, other] = [finding.step, finding.one, finding.other].map(nameOf);
      return {
        code: 'different-depths',
        message: `the step ${step} is reached from ${one} and ${other}, which stand in different foreaches or loops`,
        hint: 'close the foreach with a join first, or lead there from one side only',
        place: source.steps[finding.step]?.place,
      };
    }
    case 'open-end':
      return openForeach(source.steps[finding.foreach], source);
    case 'shared-item-step':
    case 'branches-meet':
    case 'lonely-join':
    case 'loop-join':
    case 'crossed-join': {
      const [code, message, hint] = STEPS[finding.kind];
      const sources = (shape.order.into[finding.step] ?? []).map(({ from }) => nameOf(from));
      const text = message.replaceAll(/SOURCES|STEP/g, (word) =>
        word === 'STEP' ? nameOf(finding.step) : enumerate(sources),
      );
      return { code, message: text, hint, place: source.steps[finding.step]?.place };
    }
  }
}

function openForeach(step: SourceStep | undefined, source: FlowSource): Complaint {
  const { transition } = step ?? {};
  const isGang = transition?.kind === 'gang';
  const [target] = transition?.kind === 'foreach' || isGang ? transition.targets : [];
  const item = target && source.stepsByName.get(target.name);
  const place = targetPlace(step, item);
  const opened = isGang ? 'gang' : 'foreach';
  if (item !== undefined && looksLikeJoin(item)) return emptyForeach(item.name, opened, place);
  return {
    code: 'foreach-not-joined',
    message: `the ${opened} of the step "${step?.name}" is not joined before "end"`,
    hint: JOIN,
    place,
  };
}

/** Where a step names one that it leads to. */
function targetPlace(step: SourceStep | undefined, to: SourceStep | undefined): Place | undefined {
  const { transition, definition } = step ?? {};
  if (transition === undefined || transition.kind === 'unreadable') return step?.place;
  const target = transition.targets.find(({ name }) => name === to?.name);
  return target && definition ? placeOf(target.node, definition.classIndex) : step?.place;
}

function enumerate(names: readonly string[]): string {
  if (names.length <= SHOWN) return names.join(', ');
  return `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}

const SHOWN = 4;

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

type StepKind = 'shared-item-step' | 'branches-meet' | 'lonely-join' | 'loop-join' | 'crossed-join';

const STEPS: { readonly [K in StepKind]: Words } = {
  'shared-item-step': [
    'shared-item-step',
    'the step STEP is the target of a foreach or a gang and is reached from SOURCES',
    'give the foreach or the gang a step of its own',
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
