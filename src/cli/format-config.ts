import { type ConfigDefinition, describeSource } from '../model/config.ts';
import { shortenPath } from '../observe/shorten-path.ts';

/** On one line: `config train  {"retries":2} (from train.yaml): how to train`. */
export function formatConfig(config: ConfigDefinition, cwd: string): string {
  const { name, help, source, valueText } = config;
  const from = source.kind === 'file' ? shortenPath(source.path, cwd) : describeSource(source);
  const note = help === undefined ? '' : `: ${help}`;
  return `config ${name}  ${valueText} (from ${from})${note}`;
}
