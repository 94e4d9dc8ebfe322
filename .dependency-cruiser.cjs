// The architecture, as data. Each folder lists the folders it may import; nothing else is allowed.
// ARCHITECTURE.md shows the same table (test/arch compares the two). A folder gets its row first.
const MAY_IMPORT = {
  base: [],
  model: ['base'],
  // What a flow *is*: no processes, no disks.
  flow: ['model', 'base'],
  graph: ['model', 'base'],
  // What a run *uses*: none of them knows flows, none of them knows the others.
  process: ['model', 'base'],
  store: ['model', 'base'],
  journal: ['model', 'base'],
  observe: ['model', 'base'],
  // The two sides of a run; they meet only in the protocol of model.
  worker: ['flow', 'store', 'process/child', 'model', 'base'],
  runtime: ['graph', 'process', 'store', 'journal', 'observe', 'model', 'base'],
  // Services.
  client: ['store', 'journal', 'model', 'base'],
  runner: ['runtime', 'client', 'process', 'observe', 'flow', 'model', 'base'],
  notebook: ['runner', 'client', 'observe', 'model', 'base'],
  testing: [
    'runner',
    'client',
    'runtime',
    'worker',
    'observe',
    'journal',
    'store',
    'process',
    'graph',
    'flow',
    'model',
    'base',
  ],
  // The face: everything below.
  cli: [
    'runner',
    'client',
    'runtime',
    'worker',
    'observe',
    'journal',
    'store',
    'process',
    'graph',
    'flow',
    'model',
    'base',
  ],
};

const inFolders = (folders) => `^src/(${folders.join('|')})/`;

/** Who may open a public door at all is a rule of its own, below. */
const DOORS = ['^src/index[.]ts$'];

const folderRules = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports-only-${allowed.join('-').replaceAll('/', '-') || 'nothing'}`,
  comment: `Move the shared piece down, or define a port in src/model/ports. (${folder} may import: ${allowed.join(', ') || 'nothing'})`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [inFolders([folder, ...allowed]), ...DOORS] },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: 'front-door-imports-only-what-authors-need',
      severity: 'error',
      from: { path: '^src/index[.]ts$' },
      to: { path: '^src/', pathNot: inFolders(['flow', 'store', 'model', 'base']) },
    },
    {
      name: 'nobody-imports-a-public-door',
      comment: 'Doors face outwards; inside, import the file that holds the thing.',
      severity: 'error',
      // The worker hands the authoring API to flows, so it alone opens the front door.
      from: { path: '^src/', pathNot: '^src/worker/' },
      to: { path: ['^src/index[.]ts$', '^src/[^/]+/index[.]ts$'] },
    },
    {
      name: 'every-folder-is-in-the-table',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: inFolders(Object.keys(MAY_IMPORT)) },
    },
    {
      name: 'no-circular',
      comment: 'Types count: a type cycle is a design cycle.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '[.]d[.]ts$' },
      to: {},
    },
    {
      name: 'child-process-only-in-process',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/process/' },
      to: { path: ['^(node:)?child_process$', 'node_modules/(execa|tree-kill)/'] },
    },
    {
      name: 'disk-only-in-resources',
      severity: 'error',
      from: { path: '^src/(base|model|flow|graph|observe)/' },
      to: { path: ['^(node:)?fs(/promises)?$', 'node_modules/fs-extra/'] },
    },
    {
      name: 'worker-stays-light',
      comment: 'Every task pays this import cost.',
      severity: 'error',
      from: { path: '^src/worker/' },
      to: { path: '^src/(cli|ui|runtime|yaml|deploy|graph|observe|journal)/', reachable: true },
    },
    {
      name: 'no-dev-dependency-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-unresolvable-import',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'src-imports-nothing-outside',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|flows|templates|bench)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['millrace-source', 'types', 'import', 'node', 'default'],
    },
  },
};
// For test/arch. Not enumerable, since dependency-cruiser refuses keys that it does not know.
Object.defineProperty(module.exports, 'MAY_IMPORT', { value: MAY_IMPORT });
