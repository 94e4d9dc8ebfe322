import { checkStore } from '../../client/fsck/check-store.ts';
import { EXIT } from '../../model/errors.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { diagnosticData, drawDiagnostic } from '../draw-diagnostic.ts';
import { storeFolder } from '../store-folder.ts';

/** `flow fsck`: damage is exit code 1; what killed processes left is only told. */
export async function fsck({ options, host }: CommandInput): Promise<CommandResult> {
  const store = storeFolder(options.text('store'), host);
  const { runs, blobs, bytes, findings } = await checkStore(store);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const extent = `${count(runs, 'run')}, ${count(blobs, 'blob')}, ${count(bytes, 'byte')}`;
  return {
    kind: 'data',
    data: { store, ok: errors === 0, runs, blobs, bytes, findings: findings.map(diagnosticData) },
    text: (colors) =>
      [
        ...findings.map((finding) => `${drawDiagnostic(finding, host.cwd)}\n`),
        errors === 0
          ? `${colors.green('✓')} ${store} is sound: ${extent}`
          : `${colors.red('✗')} ${store} is damaged: ${count(errors, 'finding')} in ${extent}`,
      ].join('\n'),
    isFinding: errors > 0,
    exitCode: errors === 0 ? EXIT.ok : EXIT.failed,
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
