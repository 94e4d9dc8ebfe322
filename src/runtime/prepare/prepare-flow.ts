import { SourceMap } from 'node:module';
import { hashBytes } from '../../store/hash.ts';
import { resolveModule } from './added-decorators.ts';
import { bundleFlow } from './bundle-flow.ts';
import { findFlowFile } from './flow-file.ts';
import { materialise } from './materialise.ts';
import type { PreparedFlow, PrepareRequest } from './prepared-flow.ts';
import { projectRootOf } from './project-root.ts';
import { BundleLocator } from './source-locator.ts';

/**
 * Bundles a flow file and writes it where a child can import it. The user's code is read here, never
 * run. Throws FlowError: the file is missing or of no known type, or its code cannot be bundled.
 */
export async function prepareFlow(request: PrepareRequest): Promise<PreparedFlow> {
  const sourceFile = await findFlowFile(request.file, request.cwd);
  const root = projectRootOf(sourceFile);
  const added = (request.with ?? []).map((one) => ({
    ...one,
    module: resolveModule(one.module, request.cwd),
  }));
  const bundle = await bundleFlow({ file: sourceFile, root, with: added });
  const hash = hashBytes(Buffer.from(bundle.text));
  const placed = await materialise(bundle, { codeRoot: request.codeRoot, hash, root });
  let map: SourceMap | undefined;
  const readSourceMap = (): SourceMap => (map ??= new SourceMap(JSON.parse(placed.mapText)));
  return {
    hash,
    bundlePath: placed.path,
    sourceFile,
    watchFiles: bundle.inputs,
    placeIn: async (codeRoot) => (await materialise(bundle, { codeRoot, hash, root })).path,
    readSourceMap,
    locate: (classes) =>
      new BundleLocator({
        classes,
        text: placed.text,
        portableText: bundle.text,
        readSourceMap,
        placeholders: bundle.placeholders,
      }),
  };
}
