import type {
  AnyNode,
  CallExpression,
  FunctionExpression,
  ReturnStatement,
  TryStatement,
} from 'acorn';
import { childrenOf, memberOfThis } from './walk.ts';

/** Where a call of `next` stands; only `last` is right. The later in this list, the worse. */
export type NextPlace = 'last' | Around;
type Around = (typeof PLACES)[number];

export interface NextCall {
  readonly call: CallExpression;
  readonly place: NextPlace;
}

export interface Nexts {
  readonly calls: readonly NextCall[];
  /** Returns of the method itself, save the one of a last `return this.next(…)`. */
  readonly returns: readonly ReturnStatement[];
}

export function findNexts({ body }: FunctionExpression): Nexts {
  const finder = new NextFinder();
  finder.visitBody(body.body);
  return finder;
}

class NextFinder implements Nexts {
  readonly calls: NextCall[] = [];
  readonly returns: ReturnStatement[] = [];

  visitBody(statements: readonly AnyNode[]): void {
    for (const statement of statements.slice(0, -1)) this.#visit(statement, 'earlier');
    const last = statements.at(-1);
    if (last?.type === 'BlockStatement') this.visitBody(last.body);
    else if (last?.type === 'TryStatement' && isLoweredUsing(last)) this.visitBody(last.block.body);
    else if (last !== undefined) this.#visitLast(last);
  }

  #visitLast(statement: AnyNode): void {
    const call = finalCall(statement);
    if (call === undefined || !isNext(call)) {
      this.#visit(statement, 'earlier');
      return;
    }
    this.calls.push({ call, place: 'last' });
    for (const argument of call.arguments) this.#visit(argument, 'expression');
  }

  #visit(node: AnyNode, around: Around): void {
    if (node.type === 'CallExpression' && isNext(node)) {
      this.calls.push({ call: node, place: around });
    }
    if (node.type === 'ReturnStatement' && around !== 'function') this.returns.push(node);
    const inside = TRANSPARENT.has(node.type) ? around : worse(around, placeIn(node));
    for (const child of childrenOf(node)) this.#visit(child, inside);
  }
}

const PLACES = ['earlier', 'expression', 'branch', 'loop', 'function'] as const;

const PLACE_IN: { readonly [type: string]: Around } = {
  FunctionExpression: 'function',
  FunctionDeclaration: 'function',
  ArrowFunctionExpression: 'function',
  ClassExpression: 'function',
  ClassDeclaration: 'function',
  IfStatement: 'branch',
  ConditionalExpression: 'branch',
  LogicalExpression: 'branch',
  SwitchStatement: 'branch',
  TryStatement: 'branch',
  LabeledStatement: 'branch',
  WhileStatement: 'loop',
  DoWhileStatement: 'loop',
  ForStatement: 'loop',
  ForInStatement: 'loop',
  ForOfStatement: 'loop',
};

/** What leaves a call inside it the statement that it is. */
const TRANSPARENT: ReadonlySet<string> = new Set([
  'ExpressionStatement',
  'ReturnStatement',
  'BlockStatement',
  'SwitchCase',
  'CatchClause',
]);

function placeIn(node: AnyNode): Around {
  return PLACE_IN[node.type] ?? 'expression';
}

function worse(one: Around, other: Around): Around {
  return PLACES.indexOf(one) > PLACES.indexOf(other) ? one : other;
}

function isNext(call: CallExpression): boolean {
  return memberOfThis(call.callee) === 'next';
}

/** `using x = …` is lowered to a try that ends with a disposal; errors pass through it. */
function isLoweredUsing({ finalizer }: TryStatement): boolean {
  return finalizer?.body.some(callsDispose) === true;
}

function callsDispose(node: AnyNode): boolean {
  if (node.type === 'Identifier') return /^__callDispose\d*$/.test(node.name);
  return childrenOf(node).some(callsDispose);
}

function finalCall(statement: AnyNode): CallExpression | undefined {
  let expression: AnyNode | null | undefined;
  if (statement.type === 'ExpressionStatement') expression = statement.expression;
  if (statement.type === 'ReturnStatement') expression = statement.argument;
  return expression?.type === 'CallExpression' ? expression : undefined;
}
