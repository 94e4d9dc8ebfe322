import * as api from '../index.ts';
import { takeChannel } from '../process/child/channel.ts';
import { converse } from './conversation.ts';
import { watchCrashes } from './crashes.ts';
import { isAlone } from './is-alone.ts';
import { makeOutputSynchronous } from './sync-output.ts';

/** The child's program. Everything of ours is in place before code of the user's is loaded. */

// Flows may replace process.exit; the worker's own end must not depend on it.
const exit = process.exit.bind(process);
const channel = takeChannel({ onDisconnect: () => exit(70), isAlone });
makeOutputSynchronous();
const crashes = watchCrashes();
// The prepared flow's `millrace` is this copy, so that there is only one FlowSpec in the process.
Reflect.set(globalThis, Symbol.for('millrace.api'), api);

converse({ channel, crash: crashes.first }).then(
  () => exit(0),
  () => exit(70),
);
