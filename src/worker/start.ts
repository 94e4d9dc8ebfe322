import { join } from 'node:path';
import { runCached } from '../process/child/run-cached.ts';

/** Told by the build. */
declare const PROGRAM_DIGEST: string;

/** What Node runs first in a child: the program beside it. */
const file = join(__dirname, 'worker-program.cjs');
runCached({ file, digest: PROGRAM_DIGEST, require });
