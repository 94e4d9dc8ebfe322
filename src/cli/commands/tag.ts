import { didYouMean } from '../../base/suggest.ts';
import { type Client, openClient } from '../../client/client.ts';
import type { RunReference } from '../../client/run-reference.ts';
import { FlowError } from '../../model/errors.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { storeFolder } from '../store-folder.ts';

const ACTIONS = ['add', 'remove', 'replace', 'list'] as const;

type Action = (typeof ACTIONS)[number];

/** `flow tag`: a run's own tags, whatever state it is in. */
export async function tag({ words, options, host }: CommandInput): Promise<CommandResult> {
  const [word = '', target = '', ...tags] = words;
  const action = readAction(word);
  checkCount(action, tags.length);
  const client = openClient(storeFolder(options.text('store'), host));
  const run = await client.findRun(target);
  change(client, run, { action, tags });
  const summary = client.summary(run);
  return {
    kind: 'data',
    data: {
      flow: summary.flow,
      run: summary.run,
      tags: [...summary.tags],
      systemTags: [...summary.systemTags],
    },
    text: (colors) => [...summary.tags, ...summary.systemTags.map(colors.dim)].join('\n'),
  };
}

function change(
  client: Client,
  run: RunReference,
  { action, tags }: { readonly action: Action; readonly tags: readonly string[] },
): void {
  switch (action) {
    case 'add':
      return client.changeTags(run, { add: tags });
    case 'remove':
      return client.changeTags(run, { remove: tags });
    case 'replace':
      return client.changeTags(run, { clear: true, add: tags });
    case 'list':
  }
}

function readAction(word: string): Action {
  const action = ACTIONS.find((known) => known === word);
  if (action !== undefined) return action;
  throw new FlowError(`flow tag cannot ${JSON.stringify(word)}`, {
    code: 'ARGUMENT_INVALID',
    hint: didYouMean(word, ACTIONS) ?? `write flow tag ${ACTIONS.join('|')} RUN [TAG…]`,
  });
}

function checkCount(action: Action, count: number): void {
  if (action === 'list' && count > 0) {
    throw new FlowError('flow tag list takes a run only', {
      code: 'ARGUMENT_EXCESS',
      hint: 'to find runs by their tags: flow runs --tag TAG',
    });
  }
  if ((action === 'add' || action === 'remove') && count === 0) {
    throw new FlowError(`flow tag ${action} needs a tag`, {
      code: 'ARGUMENT_MISSING',
      hint: `write flow tag ${action} RUN TAG…`,
    });
  }
}
