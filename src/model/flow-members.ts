/** The members of FlowSpec, which steps, fields and parameters must not hide; a test compares them. */
export const FLOW_MEMBERS: ReadonlySet<string> = new Set([
  'constructor',
  'next',
  'input',
  'index',
  'foreachStack',
  'mergeArtifacts',
]);
