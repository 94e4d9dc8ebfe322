import type { AnyNode, CallExpression, FunctionExpression, MemberExpression } from 'acorn';
import { childrenOf, memberOfThis } from './walk.ts';

/** Where a call of `next` stands; only `last` is right. */
export type NextPlace = 'last' | 'earlier' | 'branch' | 'loop' | 'function' | 'expression';

export interface NextCall {
  readonly call: CallExpression;
  readonly place: NextPlace;
}

/** What the text of a method says about `this`. Names map to where they first occur. */
export interface MethodFacts {
  readonly nexts: readonly NextCall[];
  readonly sets: ReadonlyMap<string, AnyNode>;
  /** Reads that need a value: `this.x ?? 0`, `if (this.x)` and the like are left out. */
  readonly reads: ReadonlyMap<string, AnyNode>;
  /** Methods called on `this`, or on `super`. */
  readonly calls: ReadonlySet<string>;
  /** `this` goes where the text cannot be followed, so any field may be set. */
  readonly escapes: boolean;
}

type Around = Exclude<NextPlace, 'last'>;

export function readMethod(method: FunctionExpression): MethodFacts {
  const reader = new MethodReader();
  for (const parameter of method.params) reader.visit(parameter, 'expression');
  const { body } = method.body;
  for (const [index, statement] of body.entries()) {
    const last = index === body.length - 1 ? finalCall(statement) : undefined;
    if (last !== undefined && reader.visitFinal(last)) continue;
    reader.visit(statement, 'earlier');
  }
  return reader;
}

class MethodReader implements MethodFacts {
  readonly nexts: NextCall[] = [];
  readonly sets = new Map<string, AnyNode>();
  readonly reads = new Map<string, AnyNode>();
  readonly calls = new Set<string>();
  escapes = false;

  visitFinal(call: CallExpression): boolean {
    if (memberOfThis(call.callee) !== 'next') return false;
    this.nexts.push({ call, place: 'last' });
    this.#visitAll(call.arguments, 'expression');
    return true;
  }

  visit(node: AnyNode, around: Around): void {
    switch (node.type) {
      case 'ThisExpression':
        this.escapes = true;
        return;
      case 'FunctionExpression':
      case 'FunctionDeclaration':
      case 'ClassExpression':
      case 'ClassDeclaration':
        // Another `this` begins here.
        this.#findLostNext(node);
        return;
      case 'CallExpression':
        this.#visitCall(node, around);
        return;
      case 'MemberExpression':
        this.#visitMember(node, around);
        return;
      case 'AssignmentExpression':
        if (node.operator !== '=' && !isLenient(node.operator)) this.#visitTargetAsRead(node.left);
        this.visit(node.right, within(around));
        this.#visitTarget(node.left, around);
        return;
      case 'UpdateExpression':
        this.#visitTargetAsRead(node.argument);
        this.#visitTarget(node.argument, around);
        return;
      case 'UnaryExpression':
        if (node.operator === 'delete') this.#visitTarget(node.argument, around);
        else if (node.operator === '-' || node.operator === '+') this.visit(node.argument, around);
        else this.#visitLenient(node.argument, around);
        return;
      default:
        this.#visitNested(node, around);
    }
  }

  #visitNested(node: AnyNode, around: Around): void {
    switch (node.type) {
      case 'IfStatement':
      case 'ConditionalExpression':
        this.#visitLenient(node.test, 'expression');
        this.visit(node.consequent, 'branch');
        if (node.alternate) this.visit(node.alternate, 'branch');
        return;
      case 'LogicalExpression':
        this.#visitLenient(node.left, 'expression');
        this.visit(node.right, 'branch');
        return;
      case 'BinaryExpression':
        if (isEquality(node.operator)) {
          this.#visitLenient(node.left, 'expression');
          this.#visitLenient(node.right, 'expression');
        } else this.#visitAll(childrenOf(node), 'expression');
        return;
      case 'ForInStatement':
      case 'ForOfStatement':
        this.visit(node.right, 'expression');
        this.#visitTarget(node.left, 'loop');
        this.visit(node.body, 'loop');
        return;
      case 'VariableDeclarator':
        // `const { a } = this` reads, and lets nothing out.
        if (node.init?.type === 'ThisExpression' && node.id.type === 'ObjectPattern') {
          if (node.id.properties.some((property) => property.type === 'RestElement')) {
            this.escapes = true;
          }
          return;
        }
        this.#visitAll(childrenOf(node), 'expression');
        return;
      default:
        this.#visitAll(childrenOf(node), AROUND[node.type] ?? around);
    }
  }

  #visitAll(nodes: readonly AnyNode[], around: Around): void {
    for (const node of nodes) this.visit(node, around);
  }

  #visitCall(node: CallExpression, around: Around): void {
    const name = memberOfThis(node.callee);
    if (name === 'next') this.nexts.push({ call: node, place: around });
    else if (name !== undefined) this.calls.add(name);
    else if (node.callee.type === 'MemberExpression' && node.callee.object.type === 'Super') {
      this.#noteSuper(node.callee);
    } else if (node.callee.type !== 'Super') this.visit(node.callee, within(around));
    this.#visitAll(node.arguments, around === 'function' ? 'function' : within(around));
  }

  /** What a base class does to `this` is followed by name only. */
  #noteSuper(callee: MemberExpression): void {
    if (callee.property.type === 'Identifier') this.calls.add(`super.${callee.property.name}`);
    else this.escapes = true;
  }

  #visitMember(node: MemberExpression, around: Around): void {
    const name = memberOfThis(node);
    if (name !== undefined) {
      if (!this.reads.has(name)) this.reads.set(name, node);
      return;
    }
    if (node.object.type === 'ThisExpression') {
      // A computed read; only a computed assignment can set something.
      if (node.computed) this.visit(node.property, within(around));
      return;
    }
    if (node.optional) this.#visitLenient(node.object, around);
    else this.visit(node.object, around);
    if (node.computed) this.visit(node.property, within(around));
  }

  /** Visits what is fine with a missing value. */
  #visitLenient(node: AnyNode, around: Around): void {
    if (memberOfThis(node) === undefined && node.type !== 'ThisExpression') {
      this.visit(node, around);
    }
  }

  #visitTarget(node: AnyNode, around: Around): void {
    const name = memberOfThis(node);
    if (name !== undefined) {
      if (!this.sets.has(name)) this.sets.set(name, node);
      return;
    }
    switch (node.type) {
      case 'MemberExpression':
        if (node.object.type === 'ThisExpression' && node.computed) this.escapes = true;
        this.visit(node, around);
        return;
      case 'ObjectPattern':
        for (const part of node.properties) {
          this.#visitTarget(part.type === 'Property' ? part.value : part.argument, around);
        }
        return;
      case 'ArrayPattern':
        for (const part of node.elements) if (part !== null) this.#visitTarget(part, around);
        return;
      case 'AssignmentPattern':
        this.visit(node.right, within(around));
        this.#visitTarget(node.left, around);
        return;
      case 'RestElement':
        this.#visitTarget(node.argument, around);
        return;
      default:
        // Plain variables.
        return;
    }
  }

  #visitTargetAsRead(node: AnyNode): void {
    const name = memberOfThis(node);
    if (name !== undefined && !this.reads.has(name)) this.reads.set(name, node);
  }

  #findLostNext(node: AnyNode): void {
    if (node.type === 'CallExpression' && memberOfThis(node.callee) === 'next') {
      this.nexts.push({ call: node, place: 'function' });
    }
    for (const child of childrenOf(node)) this.#findLostNext(child);
  }
}

const AROUND: { readonly [type: string]: Around } = {
  ArrowFunctionExpression: 'function',
  SwitchStatement: 'branch',
  TryStatement: 'branch',
  LabeledStatement: 'branch',
  WhileStatement: 'loop',
  DoWhileStatement: 'loop',
  ForStatement: 'loop',
};

/** Inside an expression a call is never a statement of its own. */
function within(around: Around): Around {
  return around === 'earlier' ? 'expression' : around;
}

function isLenient(operator: string): boolean {
  return operator === '??=' || operator === '||=' || operator === '&&=';
}

function isEquality(operator: string): boolean {
  return /^[!=]==?$/.test(operator);
}

function finalCall(statement: AnyNode): CallExpression | undefined {
  const expression =
    statement.type === 'ExpressionStatement'
      ? statement.expression
      : statement.type === 'ReturnStatement'
        ? statement.argument
        : undefined;
  return expression?.type === 'CallExpression' ? expression : undefined;
}
