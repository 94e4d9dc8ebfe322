import type { OpenedFlow } from '../runtime/open-flow.ts';
import { drawDiagnostic } from './draw-diagnostic.ts';
import type { Host } from './host.ts';

/** What lint has doubts about does not stop a run, but whoever starts it should know. */
export function printWarnings({ diagnostics }: OpenedFlow, host: Host): void {
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity !== 'warning') continue;
    host.stderr.write(`${drawDiagnostic(diagnostic, host.cwd)}\n`);
  }
}
