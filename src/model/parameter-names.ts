/** `batchSize` and `batch_size` are `batch-size` on the command line. */
export function flagName(parameter: string): string {
  return splitWords(parameter).join('-').toLowerCase();
}

/** `batchSize` is `MILLRACE_PARAM_BATCH_SIZE` in the environment. */
export function variableName(parameter: string): string {
  return `MILLRACE_PARAM_${splitWords(parameter).join('_').toUpperCase()}`;
}

/** A config `trainSet` is `MILLRACE_CONFIG_TRAIN_SET` in the environment. */
export function configVariableName(config: string): string {
  return `MILLRACE_CONFIG_${splitWords(config.replaceAll('-', '_')).join('_').toUpperCase()}`;
}

function splitWords(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[ _]+/)
    .filter((word) => word !== '');
}
