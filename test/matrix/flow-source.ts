import { isJoin, type Rider } from './rider.ts';
import { flowName, type Shape, type ShapeStep, takesItem } from './shape.ts';

/** A flow of that shape, with the code of all these riders in its steps, as a person would write it. */
export function flowSource(shape: Shape, riders: readonly Rider[]): string {
  const imports = new Set([
    'FlowSpec',
    'current',
    'step',
    'type Inputs',
    ...riders.flatMap((one) => one.imports ?? []),
  ]);
  const fields = riders.flatMap((one) => Object.entries(one.fields ?? {}));
  return [
    `// ${shape.name}: ${riders.map(({ name }) => name).join(', ')}`,
    `import { ${[...imports].join(', ')} } from 'millrace';`,
    `const number = () => Number(/\\d+$/.exec(current.taskId)?.[0]);`,
    ...riders.flatMap((one) => one.prelude ?? []),
    '',
    `export class ${flowName(shape)} extends FlowSpec {`,
    ...riders.flatMap((one) => one.parameters ?? []).map((line) => `  ${line}`),
    ...fields.map(([name, value]) => `  ${name}: any = ${JSON.stringify(value)};`),
    ...shape.steps.flatMap((step) => ['', ...stepSource(step, shape, riders)]),
    '}',
    '',
  ].join('\n');
}

function stepSource(step: ShapeStep, shape: Shape, riders: readonly Rider[]): string[] {
  const argument = isJoin(step)
    ? `inputs: Inputs<${flowName(shape)}>`
    : takesItem(step, shape)
      ? 'item: any'
      : '';
  return [
    ...riders.flatMap((one) => one.decorators?.(step, shape) ?? []).map((line) => `  ${line}`),
    `  @step async ${step.name}(${argument}) {`,
    '    const here = `${current.stepName}/${current.taskId}`;',
    ...riders.flatMap((one) => one.code?.(step, shape) ?? []).map((line) => `    ${line}`),
    ...nextSource(step).map((line) => `    ${line}`),
    '  }',
  ];
}

function nextSource({ way }: ShapeStep): readonly string[] {
  switch (way.kind) {
    case 'end':
      return [];
    case 'next':
      return [`this.next(${way.to.map((to) => `this.${to}`).join(', ')});`];
    case 'foreach':
      return [
        `const size = ${JSON.stringify(way.sizes)}[number() % ${way.sizes.length}];`,
        'const texts = Array.from({ length: size }, (_, index) => `${here}#${index}`);',
        way.isAsync === true
          ? 'const items = (async function* () { yield* texts; })();'
          : 'const items = texts;',
        `this.next(this.${way.to}, { foreach: items });`,
      ];
    case 'gang':
      return [`this.next(this.${way.to}, { numParallel: ${way.size} });`];
    case 'switch': {
      const cases = Object.entries(way.cases).map(([label, to]) => `'${label}': this.${to}`);
      return [
        `const way = ${JSON.stringify(way.chosen)}[number() % ${way.chosen.length}];`,
        `this.next({ ${cases.join(', ')} }, { condition: way });`,
      ];
    }
  }
}
