import { didYouMean } from '../../base/suggest.ts';
import { FlowError } from '../../model/errors.ts';
import { isCustomDecorator, partOfCustom } from '../decorators/step-decorator.ts';
import { isParameter } from '../parameters/parameter.ts';
import { type PolicyPart, partOf, type StepDecorator } from '../step-mark.ts';
import type { FlowDraft } from './flow-draft.ts';
import type { AddDecoratorOptions, MutableFlow, MutableStep } from './mutable-flow.ts';

/** Whose turn it is. */
interface Turn {
  readonly mutator: string;
  /** The class that it stands on. */
  readonly classIndex: number;
}

/** What one mutator gets of the draft, for as long as it runs. */
export class FlowEditor implements MutableFlow {
  readonly #draft: FlowDraft;
  readonly #turn: Turn;
  #isClosed = false;

  constructor(draft: FlowDraft, turn: Turn) {
    this.#draft = draft;
    this.#turn = turn;
  }

  get name(): string {
    return this.#draft.name;
  }

  get steps(): readonly MutableStep[] {
    return this.#open().steps.map((name) => this.#editStep(name));
  }

  get parameters(): readonly string[] {
    return this.#open().parameters;
  }

  /** One that is not there has no decorators, so that the rest of the mutator is heard, too. */
  step(name: string): MutableStep {
    const draft = this.#open();
    if (!draft.hasStep(name)) {
      const { steps } = draft;
      const hint = didYouMean(name, steps) ?? `its steps are ${steps.join(', ')}`;
      this.#complain(`asks for the step "${name}", which the flow does not have`, hint);
    }
    return this.#editStep(name);
  }

  addParameter(name: string, parameter: unknown): void {
    const draft = this.#open();
    const refusal = draft.refusalOf(name);
    if (refusal !== undefined) {
      const hint = 'give it another name, or a field that is declared without a value';
      this.#complain(`adds the parameter "${name}", which ${refusal}`, hint);
    } else if (isParameter(parameter)) draft.addParameter(name, parameter);
    else {
      const hint = `write flow.addParameter('${name}', param.string())`;
      this.#complain(`adds the parameter "${name}" without saying what it is`, hint);
    }
  }

  removeParameter(name: string): void {
    const { parameters } = this.#open();
    if (parameters.includes(name)) return this.#draft.removeParameter(name);
    const all = parameters.length === 0 ? 'it has none' : `it has ${parameters.join(', ')}`;
    const hint = didYouMean(name, parameters) ?? all;
    this.#complain(`removes the parameter "${name}", which the flow does not have`, hint);
  }

  /** From now on the flow is what it is. */
  close(): void {
    this.#isClosed = true;
  }

  #editStep(name: string): MutableStep {
    return new StepEditor(name, {
      open: () => this.#open(),
      complain: (message, hint) => this.#complain(message, hint),
    });
  }

  #complain(message: string, hint: string | undefined): void {
    const { mutator, classIndex } = this.#turn;
    const problem = { message: `@${mutator} ${message}` };
    this.#draft.complain(classIndex, hint === undefined ? problem : { ...problem, hint });
  }

  #open(): FlowDraft {
    if (!this.#isClosed) return this.#draft;
    throw new FlowError(`@${this.#turn.mutator} uses its flow after it has returned`, {
      code: 'MUTATOR_ENDED',
      hint: 'a mutator changes the flow while it runs, and must not be async',
    });
  }
}

interface StepEditing {
  readonly open: () => FlowDraft;
  readonly complain: (message: string, hint: string | undefined) => void;
}

class StepEditor implements MutableStep {
  readonly name: string;
  readonly #editing: StepEditing;

  constructor(name: string, editing: StepEditing) {
    this.name = name;
    this.#editing = editing;
  }

  get decorators(): readonly string[] {
    return this.#parts().map(({ text }) => text);
  }

  has(decorator: string): boolean {
    return this.#parts().some((part) => part.decorator === decorator);
  }

  add(decorator: StepDecorator, { place = 'outside' }: AddDecoratorOptions = {}): void {
    const draft = this.#editing.open();
    const part = readPart(decorator);
    if (part === undefined) {
      const hint = 'give it a decorator with its options, e.g. retry({ times: 2 })';
      return this.#editing.complain('adds something to a step that is no step decorator', hint);
    }
    for (const { message, hint } of part.problems) {
      this.#editing.complain(`adds a decorator that is wrong: ${message}`, hint);
    }
    const other = part.wrapper === undefined ? this.#partLike(part) : undefined;
    if (other !== undefined) {
      const name = part.decorator;
      const hint = `ask step.has('${name}') first, or call step.remove('${name}')`;
      const what = `adds @${part.text} to "${this.name}", which has @${other.text}`;
      return this.#editing.complain(what, hint);
    }
    if (draft.hasStep(this.name) && part.problems.length === 0)
      draft.addPart(this.name, part, place);
  }

  remove(decorator: string): boolean {
    return this.#editing.open().removeParts(this.name, decorator);
  }

  #parts(): readonly PolicyPart[] {
    return this.#editing.open().partsOf(this.name);
  }

  #partLike({ decorator }: PolicyPart): PolicyPart | undefined {
    return this.#parts().find((part) => part.decorator === decorator);
  }
}

function readPart(decorator: unknown): PolicyPart | undefined {
  return isCustomDecorator(decorator) ? partOfCustom(decorator, undefined) : partOf(decorator);
}
