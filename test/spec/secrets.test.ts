import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlowRig } from '../rig/flow-rig.ts';

const FLOW = `import { FlowSpec, param, step } from 'millrace';
export class Sealed extends FlowSpec {
  readonly apiKey = param.secret({ help: 'of the service' });
  length = 0;
  @step start() { this.length = this.apiKey.length; this.next(this.end); }
  @step end() { if (this.apiKey.length !== this.length) throw new Error('lost'); }
}`;

describe('a secret', () => {
  it.each([
    ['short', 'hunter2-hunter2'],
    ['long', 'k'.repeat(5_000)],
  ])('that is %s reaches every step and no file of the store', async (_, secret) => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    await rig.ok(['run', 'flow.ts'], { env: { MILLRACE_PARAM_API_KEY: secret } });
    expect((await rig.artifacts('latest/end'))['length']).toBe(secret.length);
    const files = readdirSync(rig.store, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const bytes = readFileSync(join(file.parentPath, file.name));
      expect(bytes.includes(secret), file.name).toBe(false);
      expect(bytes.includes(Buffer.from(secret).toString('base64')), file.name).toBe(false);
    }
  });

  it('is not taken from the command line', async () => {
    await using rig = await FlowRig.create();
    await rig.write('flow.ts', FLOW);
    const { code, stderr } = await rig.flow(['run', 'flow.ts', '--api-key', 'hunter2']);
    expect(code).toBe(2);
    expect(stderr).toContain('MILLRACE_PARAM_API_KEY');
    expect(stderr).not.toContain('hunter2');
  });
});
