/**
 * What `import … from 'millrace'` offers at run time. Preparing a flow must know the names (they
 * become the exports of a stand-in for the package) without loading what they stand for; a test
 * compares them with the package itself.
 */
export const API_NAMES: readonly string[] = [
  'FlowError',
  'FlowSpec',
  'artifact',
  'catchError',
  'config',
  'current',
  'environment',
  'flowMutator',
  'isFlowError',
  'isolate',
  'limit',
  'param',
  'registerCodec',
  'resources',
  'retry',
  'secretFrom',
  'secrets',
  'step',
  'stepDecorator',
  'timeout',
  'transient',
];
