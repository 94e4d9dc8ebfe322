import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const BENCH = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

describe('npm run bench -- --peer metaflow', () => {
  it('says how to get a Metaflow where there is none', async () => {
    await using rig = await FlowRig.create();
    const { code, stdout, stderr } = await rig.script([BENCH, '--peer', 'metaflow']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/METAFLOW_PATH is not set[\s\S]*Netflix\/metaflow[\s\S]*METAFLOW_PATH=/);
  });

  it('says so when the path leads elsewhere, and when its Python cannot be used', async () => {
    await using rig = await FlowRig.create();
    const env = { METAFLOW_PATH: rig.dir };
    const elsewhere = await rig.script([BENCH, '--peer', 'metaflow'], { env });
    expect(elsewhere.code).toBe(2);
    expect(elsewhere.stderr).toContain(`there is no metaflow/__init__.py in ${rig.dir}`);
    await rig.write('metaflow/__init__.py', 'import no_such_package');
    const unusable = await rig.script([BENCH, '--peer', 'metaflow'], { env });
    expect(unusable.code).toBe(2);
    expect(unusable.stderr).toMatch(/^Metaflow cannot be imported by python3: .*\nIt needs Python/);
  });

  it('and other rows and peers that do not exist are refused with those that do', async () => {
    await using rig = await FlowRig.create();
    const peer = await rig.script([BENCH, '--peer', 'airflow']);
    expect(peer).toMatchObject({ code: 2, stderr: 'no such peer: airflow; there are metaflow\n' });
    const row = await rig.script([BENCH, '--only', 'hullo']);
    expect(row.code).toBe(2);
    expect(row.stderr).toMatch(/^no such row: hullo; there are version, hello, /);
  });
});
