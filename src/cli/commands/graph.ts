import type { Json } from '../../base/json.ts';
import { renderDot } from '../../graph/render/dot.ts';
import { renderJson } from '../../graph/render/json.ts';
import { renderMermaid } from '../../graph/render/mermaid.ts';
import { renderText } from '../../graph/render/text.ts';
import type { FlowGraph } from '../../model/graph.ts';
import { soundGraph } from '../../runtime/sound-graph.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { lookAtFlow } from '../look-at-flow.ts';

const RENDERINGS = { text: renderText, mermaid: renderMermaid, dot: renderDot, json: renderJson };

/** `flow graph`: one drawing of the graph. */
export async function graph(input: CommandInput): Promise<CommandResult> {
  const format = input.options.choice('format', ['text', 'mermaid', 'dot', 'json']) ?? 'text';
  const found = await lookAtFlow(input, soundGraph);
  return {
    kind: 'data',
    data: plainGraph(found),
    text: () => RENDERINGS[format](found).trimEnd(),
  };
}

function plainGraph(found: FlowGraph): Json {
  const plain: Json = JSON.parse(JSON.stringify(found));
  return plain;
}
