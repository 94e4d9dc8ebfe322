import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FlowRig } from './flow-rig.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Puts the built package into the rig's folder as an installation does: as files in `node_modules`, so
 * that tools see it as a package, with all that is installed here beside it.
 */
export async function installPackage(rig: FlowRig, folder = '.'): Promise<void> {
  const modules = join(rig.dir, folder, 'node_modules');
  if (existsSync(modules)) return;
  await mkdir(modules, { recursive: true });
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (name !== 'millrace' && !name.startsWith('.')) {
      await symlink(join(ROOT, 'node_modules', name), join(modules, name));
    }
  }
  for (const part of ['dist', 'package.json', 'templates']) {
    await cp(join(ROOT, part), join(modules, 'millrace', part), { recursive: true });
  }
}

/** `vitest ...args`, as `npx vitest` finds it. */
export function vitest(rig: FlowRig, args: readonly string[]) {
  const program = join(ROOT, 'node_modules/vitest/vitest.mjs');
  return rig.startNode([program, ...args]).finished;
}
