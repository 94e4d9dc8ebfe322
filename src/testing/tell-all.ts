import { FlowError, isFlowError } from '../model/errors.ts';

/** Misuse that the work meets, with all that it is about in its message: a test runner shows little else. */
export async function tellingAll<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isFlowError(error) && error.diagnostics.length > 0 ? tellAll(error) : error;
  }
}

function tellAll(error: FlowError): FlowError {
  const { message, code, hint, diagnostics } = error;
  const lines = diagnostics.map((one) => `- ${one.message}${one.hint ? ` (${one.hint})` : ''}`);
  return new FlowError([message, ...lines].join('\n'), {
    code,
    diagnostics,
    cause: error.cause,
    ...(hint === undefined ? {} : { hint }),
  });
}
