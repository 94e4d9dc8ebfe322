import { describe, expect, it } from 'vitest';
import { renderDot } from '../../../src/graph/render/dot.ts';
import { renderJson } from '../../../src/graph/render/json.ts';
import { renderMermaid } from '../../../src/graph/render/mermaid.ts';
import { renderText } from '../../../src/graph/render/text.ts';
import type { FlowGraph } from '../../../src/model/graph.ts';
import { flowText, parseText } from './shapes.ts';

function graphOf(lines: readonly string[]): FlowGraph {
  const { graph } = parseText(flowText(lines));
  if (graph === undefined) throw new Error('the flow is not in order');
  return graph;
}

const GRAPH = graphOf([
  'start: this.w, { foreach: this.xs }',
  'w(x): this.a, this.b',
  'a: this.j',
  'b: { again: this.b, "say \\"no\\"": this.j, no: this.j }, { condition: this.size }',
  'j(inputs): this.k',
  'k(inputs): this.end',
  'end',
]);

describe('a graph', () => {
  it('is a line per step as text, indented by depth', () => {
    expect(renderText(GRAPH)).toMatchInlineSnapshot(`
      "Demo
        start  → foreach: w
          w    → a, b
          a    → j
            b  → again: b (again), say "no" | no: j
          j    → k  (joins the branches of w)
        k      → end  (joins the foreach of start)
        end
      "
    `);
  });
  it('is a flowchart as Mermaid', () => {
    expect(renderMermaid(GRAPH)).toMatchInlineSnapshot(`
      "flowchart TD
        s0["start"]
        s1["w"]
        s2["a"]
        s3["b"]
        s4{{"j"}}
        s5{{"k"}}
        s6["end"]
        s0 -->|"foreach"| s1
        s1 --> s2
        s1 --> s3
        s2 --> s4
        s3 -.->|"again"| s3
        s3 -->|"say #quot;no#quot; | no"| s4
        s4 --> s5
        s5 --> s6
      "
    `);
  });
  it('is a digraph as dot', () => {
    expect(renderDot(GRAPH)).toMatchInlineSnapshot(`
      "digraph "Demo" {
        "start" [shape=box];
        "w" [shape=box];
        "a" [shape=box];
        "b" [shape=box];
        "j" [shape=hexagon];
        "k" [shape=hexagon];
        "end" [shape=box];
        "start" -> "w" [label="foreach"];
        "w" -> "a";
        "w" -> "b";
        "a" -> "j";
        "b" -> "b" [label="again", style=dashed];
        "b" -> "j" [label="say \\"no\\" | no"];
        "j" -> "k";
        "k" -> "end";
      }
      "
    `);
  });
  it('is itself as JSON', () => {
    expect(JSON.parse(renderJson(GRAPH))).toEqual(GRAPH);
    expect(renderJson(graphOf(['start: this.end', 'end']))).toMatchInlineSnapshot(`
      "{
        "flow": "Demo",
        "nodes": [
          {
            "name": "start",
            "takes": "nothing",
            "joins": "none",
            "fires": "anyLive",
            "levels": [],
            "transition": {
              "kind": "next",
              "to": [
                "end"
              ]
            },
            "policy": {},
            "decorators": [],
            "sets": [],
            "span": {
              "file": "flow.js",
              "line": 2,
              "column": 3,
              "length": 5
            },
            "source": "c0117faa74b6ce4173c7da451aef66364f42a7491e069f200e653687c6fb0e55"
          },
          {
            "name": "end",
            "takes": "nothing",
            "joins": "none",
            "fires": "anyLive",
            "levels": [],
            "transition": {
              "kind": "end"
            },
            "policy": {},
            "decorators": [],
            "sets": [],
            "span": {
              "file": "flow.js",
              "line": 3,
              "column": 3,
              "length": 3
            },
            "source": "238d8c198aed38d650992f1bf9ddcdbc01177f2a9242fbbe0e6265ca3d16716e"
          }
        ],
        "edges": [
          {
            "from": "start",
            "to": "end",
            "kind": "next"
          }
        ]
      }
      "
    `);
  });
});
