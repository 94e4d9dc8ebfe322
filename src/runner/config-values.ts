import { resolve } from 'node:path';
import type { Json } from '../base/json.ts';
import type { RawConfig, RawConfigs } from '../model/config.ts';

interface GivenConfigs {
  readonly configs: { readonly [name: string]: Json } | undefined;
  readonly configFiles: { readonly [name: string]: string } | undefined;
}

/** What the command line would give as `--config` and `--config-value`, in this order. */
export function rawConfigs({ configs, configFiles }: GivenConfigs, cwd: string): RawConfigs {
  const raw: Record<string, RawConfig[]> = Object.create(null);
  for (const [name, path] of Object.entries(configFiles ?? {})) {
    raw[name] = [{ from: 'file', path: resolve(cwd, path) }];
  }
  for (const [name, value] of Object.entries(configs ?? {})) {
    raw[name] = [...(raw[name] ?? []), { from: 'text', text: JSON.stringify(value) }];
  }
  return raw;
}
