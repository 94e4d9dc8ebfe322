import { Session } from 'node:inspector';
import type { FlowClass } from '../client/flow-types.ts';

/** The script that a class was defined in. */
export interface ClassScript {
  /** As the engine knows it: a path, a file URL, or a name that a kernel made up. */
  readonly url: string;
  /** The whole script, as it was run: without types. */
  readonly text: string;
}

const HANDLE = 'millrace.notebook.class';

/**
 * Asks the engine where a class comes from. A kernel keeps its cells nowhere else: only the debugger
 * knows which script a function is of, and still has its text. Undefined for what is no function.
 */
export function locateClass(flow: FlowClass): ClassScript | undefined {
  const session = new Session();
  session.connect();
  Reflect.set(globalThis, Symbol.for(HANDLE), flow);
  try {
    const urls = new Map<string, string>();
    session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
    session.post('Debugger.enable');
    const scriptId = scriptIdOf(session);
    if (scriptId === undefined) return undefined;
    const { scriptSource } = ask<{ scriptSource: string }>((answer) => {
      session.post('Debugger.getScriptSource', { scriptId }, answer);
    });
    return { url: urls.get(scriptId) ?? '', text: scriptSource };
  } finally {
    Reflect.deleteProperty(globalThis, Symbol.for(HANDLE));
    session.disconnect();
  }
}

function scriptIdOf(session: Session): string | undefined {
  const expression = `globalThis[Symbol.for(${JSON.stringify(HANDLE)})]`;
  const { result } = ask<{ result: { objectId?: string | undefined } }>((answer) => {
    session.post('Runtime.evaluate', { expression }, answer);
  });
  const objectId = result.objectId ?? '';
  const { internalProperties = [] } = ask<Properties>((answer) => {
    session.post('Runtime.getProperties', { objectId, ownProperties: true }, answer);
  });
  const place = internalProperties.find(({ name }) => name === '[[FunctionLocation]]');
  const scriptId: unknown = place?.value?.value?.scriptId;
  return typeof scriptId === 'string' ? scriptId : undefined;
}

interface Properties {
  readonly internalProperties?:
    | readonly {
        readonly name: string;
        readonly value?: { readonly value?: { readonly scriptId?: unknown } } | undefined;
      }[]
    | undefined;
}

/** The session is of this thread, so the answer is there when `post` returns. */
function ask<T>(post: (answer: (error: Error | null, value: T) => void) => void): T {
  const answers: T[] = [];
  post((error, value) => {
    if (error !== null) throw error;
    answers.push(value);
  });
  const [answer] = answers;
  if (answer === undefined) throw new Error('the debugger of this process does not answer');
  return answer;
}
