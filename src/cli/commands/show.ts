import type { Json } from '../../base/json.ts';
import type { FlowDefinition } from '../../model/definition.ts';
import { FlowError } from '../../model/errors.ts';
import type { FlowGraph, GraphNode, GraphTransition } from '../../model/graph.ts';
import { flagName } from '../../model/parameter-names.ts';
import { soundGraph } from '../../runtime/sound-graph.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { formatConfig } from '../format-config.ts';
import type { Colors } from '../host.ts';
import { lookAtFlow } from '../look-at-flow.ts';
import { parameterNotes } from '../parameter-options.ts';

/** `flow show`: what a person wants to know before running somebody's flow. */
export async function show(input: CommandInput): Promise<CommandResult> {
  refuseRun(input.words[0] ?? '');
  const { graph, definition } = await lookAtFlow(input, (opened) => ({
    graph: soundGraph(opened),
    definition: opened.definition,
  }));
  const data: Json = JSON.parse(
    JSON.stringify({
      flow: graph.flow,
      doc: graph.doc ?? null,
      configs: definition.configs ?? [],
      parameters: definition.parameters,
      steps: graph.nodes,
      exitHooks: definition.exitHooks ?? null,
    }),
  );
  return {
    kind: 'data',
    data,
    text: (colors) => formatFlow({ graph, definition, colors, cwd: input.host.cwd }),
  };
}

/** A file has a dot in its name, a run never has. */
function refuseRun(word: string): void {
  if (word.includes('.')) return;
  throw new FlowError(`"${word}" is no flow file`, {
    code: 'FLOW_FILE_MISSING',
    hint: `what is recorded of a run is told by flow inspect ${word}`,
  });
}

interface ShownFlow {
  readonly graph: FlowGraph;
  readonly definition: FlowDefinition;
  readonly colors: Colors;
  readonly cwd: string;
}

function formatFlow({ graph, definition, colors, cwd }: ShownFlow): string {
  return [
    colors.bold(graph.flow),
    ...indent(graph.doc),
    ...(definition.configs ?? []).map((config) => `  ${formatConfig(config, cwd)}`),
    ...definition.parameters.map(
      (parameter) => `  --${flagName(parameter.name)}  ${parameterNotes(parameter)}`,
    ),
    ...graph.nodes.flatMap((node) => ['', ...formatStep(node, colors)]),
    ...formatHooks(definition, colors),
  ].join('\n');
}

function formatHooks({ exitHooks }: FlowDefinition, colors: Colors): readonly string[] {
  const { hooks = [] } = exitHooks ?? {};
  if (hooks.length === 0) return [];
  return [
    '',
    ...hooks.map(({ name, on }) => `${colors.bold(name)} after a run that ${PHRASES[on]}`),
  ];
}

const PHRASES = { succeeded: 'succeeded', failed: 'failed', cancelled: 'was cancelled' } as const;

function formatStep(node: GraphNode, colors: Colors): readonly string[] {
  const takes = node.takes === 'nothing' ? '' : ` (takes ${node.takes})`;
  return [
    `${colors.bold(node.name)}${takes}`,
    ...indent(node.doc),
    ...node.decorators.map((decorator) => `  ${colors.cyan(`@${decorator}`)}`),
    `  → ${describeTransition(node.transition)}`,
  ];
}

function indent(doc: string | undefined): readonly string[] {
  return doc === undefined ? [] : doc.split('\n').map((line) => `  ${line}`.trimEnd());
}

function describeTransition(transition: GraphTransition): string {
  switch (transition.kind) {
    case 'end':
      return 'the end';
    case 'next':
      return transition.to.join(' and ');
    case 'foreach':
      return `${transition.to} for each ${transition.field === undefined ? 'item' : `of ${transition.field}`}`;
    case 'switch':
      return transition.cases.map(({ label, to }) => `${to} if ${label}`).join(', ');
    case 'gang':
      return transition.size === undefined
        ? `${transition.to} in parallel`
        : `${transition.to} × ${transition.size} in parallel`;
  }
}
