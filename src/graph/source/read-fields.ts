import type {
  AnyNode,
  AssignmentExpression,
  BinaryExpression,
  CallExpression,
  FunctionExpression,
  LogicalExpression,
  MemberExpression,
  ObjectPattern,
  UnaryExpression,
  VariableDeclarator,
} from 'acorn';
import { childrenOf, memberOfThis } from './walk.ts';

/** What the text of a method says about `this`. Names map to where they first occur. */
export interface FieldFacts {
  readonly sets: ReadonlyMap<string, AnyNode>;
  /** Reads that need a value: `this.x ?? 0`, `if (this.x)` and the like are left out. */
  readonly reads: ReadonlyMap<string, AnyNode>;
  /** Methods called on `this`, or as `super.name` on `super`. */
  readonly calls: ReadonlySet<string>;
  /** `this` goes where the text cannot be followed, so any field may be set. */
  readonly escapes: boolean;
}

export function readFields({ params, body }: FunctionExpression): FieldFacts {
  const reader = new FieldReader();
  for (const node of [...params, body]) reader.visit(node);
  return reader;
}

class FieldReader implements FieldFacts {
  readonly sets = new Map<string, AnyNode>();
  readonly reads = new Map<string, AnyNode>();
  readonly calls = new Set<string>();
  escapes = false;

  visit(node: AnyNode): void {
    if (OTHER_THIS.has(node.type)) return;
    if (node.type === 'ThisExpression') this.escapes = true;
    else if (node.type === 'CallExpression') this.#visitCall(node);
    else if (node.type === 'MemberExpression') this.#visitMember(node);
    else if (node.type === 'AssignmentExpression') this.#visitAssignment(node);
    else if (node.type === 'UpdateExpression') {
      this.#noteRead(memberOfThis(node.argument), node.argument);
      this.#visitTarget(node.argument);
    } else this.#visitOperation(node);
  }

  #visitOperation(node: AnyNode): void {
    if (node.type === 'UnaryExpression') this.#visitUnary(node);
    else if (node.type === 'LogicalExpression' || node.type === 'BinaryExpression') {
      this.#visitBinary(node);
    } else if (node.type === 'VariableDeclarator') this.#visitDeclarator(node);
    else if (node.type === 'ForInStatement' || node.type === 'ForOfStatement') {
      this.visit(node.right);
      this.#visitTarget(node.left);
      this.visit(node.body);
    } else {
      const test = testOf(node);
      for (const child of childrenOf(node)) {
        if (child === test) this.#visitLenient(child);
        else this.visit(child);
      }
    }
  }

  #visitAll(nodes: readonly AnyNode[]): void {
    for (const node of nodes) this.visit(node);
  }

  #visitAssignment({ operator, left, right }: AssignmentExpression): void {
    if (left.type === 'ObjectPattern' && right.type === 'ThisExpression') {
      this.#visitPicked(left);
    } else this.visit(right);
    const isLenient = ['=', '??=', '||=', '&&='].includes(operator);
    if (!isLenient) this.#noteRead(memberOfThis(left), left);
    this.#visitTarget(left);
  }

  #visitUnary({ operator, argument }: UnaryExpression): void {
    if (operator === 'delete') this.#visitTarget(argument);
    else if (operator === '-' || operator === '+' || operator === '~') this.visit(argument);
    else this.#visitLenient(argument);
  }

  #visitBinary({ operator, left, right }: BinaryExpression | LogicalExpression): void {
    const isEquality = /^[!=]==?$/.test(operator);
    if (isEquality || /^(&&|\|\||\?\?)$/.test(operator)) this.#visitLenient(left);
    else this.visit(left);
    if (isEquality) this.#visitLenient(right);
    else this.visit(right);
  }

  #visitDeclarator({ id, init }: VariableDeclarator): void {
    if (init?.type === 'ThisExpression' && id.type === 'ObjectPattern') this.#visitPicked(id);
    else if (init) this.visit(init);
    this.#visitTarget(id);
  }

  /** `{ a, b = 1 } = this` reads, and lets nothing out; a default allows for a missing value. */
  #visitPicked({ properties }: ObjectPattern): void {
    for (const part of properties) {
      if (part.type === 'RestElement' || part.value.type === 'AssignmentPattern') continue;
      if (!part.computed && part.key.type === 'Identifier') {
        this.#noteRead(part.key.name, part.key);
      }
    }
  }

  #visitCall({ callee, arguments: args }: CallExpression): void {
    const name = memberOfThis(callee);
    if (name === 'next') {
      this.#visitNext(args);
      return;
    }
    if (name !== undefined) this.calls.add(name);
    else if (callee.type === 'MemberExpression' && callee.object.type === 'Super') {
      // What a base class does to `this` is followed by name only.
      if (callee.property.type === 'Identifier') this.calls.add(`super.${callee.property.name}`);
      else this.escapes = true;
    } else if (callee.type !== 'Super') this.visit(callee);
    this.#visitAll(args);
  }

  /** Targets are no reads; `{ foreach: 'items' }` is one. */
  #visitNext(args: readonly AnyNode[]): void {
    for (const [index, argument] of args.entries()) {
      if (memberOfThis(argument) !== undefined) continue;
      if (argument.type !== 'ObjectExpression') this.visit(argument);
      else if (index > 0) this.#visitOptions(argument.properties);
    }
  }

  #visitOptions(properties: readonly AnyNode[]): void {
    for (const property of properties) {
      const value = property.type === 'Property' ? property.value : undefined;
      const isKey = property.type === 'Property' && isNamed(property.key, 'key');
      if (!isKey && value?.type === 'Literal' && typeof value.value === 'string') {
        this.#noteRead(value.value, value);
      } else this.visit(property);
    }
  }

  #visitMember(node: MemberExpression): void {
    const { object, property, computed, optional } = node;
    const name = memberOfThis(node);
    if (name !== undefined) this.#noteRead(name, node);
    // A computed read of `this` is fine; only a computed assignment can set something.
    else if (object.type !== 'ThisExpression') {
      if (optional) this.#visitLenient(object);
      else this.visit(object);
    }
    if (computed) this.visit(property);
  }

  /** Visits what is fine with a missing value. */
  #visitLenient(node: AnyNode): void {
    if (memberOfThis(node) === undefined && node.type !== 'ThisExpression') this.visit(node);
  }

  #visitTarget(node: AnyNode): void {
    const name = memberOfThis(node);
    if (name !== undefined) {
      if (!this.sets.has(name)) this.sets.set(name, node);
    } else if (node.type === 'MemberExpression') {
      if (node.object.type === 'ThisExpression' && node.computed) this.escapes = true;
      this.visit(node);
    } else if (node.type === 'AssignmentPattern') {
      this.visit(node.right);
      this.#visitTarget(node.left);
    } else if (node.type === 'VariableDeclaration') {
      for (const { id } of node.declarations) this.#visitTarget(id);
    } else for (const part of partsOf(node)) this.#visitTarget(part);
  }

  #noteRead(name: string | undefined, node: AnyNode): void {
    if (name !== undefined && !this.reads.has(name)) this.reads.set(name, node);
  }
}

/** Where another `this` begins. */
const OTHER_THIS: ReadonlySet<string> = new Set([
  'FunctionExpression',
  'FunctionDeclaration',
  'ClassExpression',
  'ClassDeclaration',
]);

function testOf(node: AnyNode): AnyNode | undefined {
  return 'test' in node && node.type !== 'SwitchCase' ? (node.test ?? undefined) : undefined;
}

/** The targets inside a pattern; none inside a plain variable. */
function partsOf(pattern: AnyNode): readonly AnyNode[] {
  if (pattern.type === 'RestElement') return [pattern.argument];
  if (pattern.type === 'ArrayPattern') return pattern.elements.filter((part) => part !== null);
  if (pattern.type !== 'ObjectPattern') return [];
  return pattern.properties.map((part) => (part.type === 'Property' ? part.value : part));
}

function isNamed(key: AnyNode, name: string): boolean {
  return (key.type === 'Identifier' ? key.name : key.type === 'Literal' && key.value) === name;
}
