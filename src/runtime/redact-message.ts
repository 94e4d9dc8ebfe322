import type { Json } from '../base/json.ts';
import type { Redaction } from '../base/redaction.ts';
import type { Failure, UserError } from '../model/failure.ts';
import type { FromChild } from '../model/protocol.ts';

/** A child's message whose failure, if it has one, repeats no secret. */
export function redactMessage(message: FromChild, redaction: Redaction): FromChild {
  if (message.type === 'failed') {
    const { failed } = message;
    return { ...message, failed: { ...failed, failure: redactFailure(failed.failure, redaction) } };
  }
  if (message.type === 'load-failed' && message.problem.kind === 'threw') {
    const failure = redactFailure(message.problem.failure, redaction);
    return { ...message, problem: { kind: 'threw', failure } };
  }
  return message;
}

/** Kinds, places and numbers stay as they are. */
export function redactFailure(failure: Failure, redaction: Redaction): Failure {
  if (redaction.isEmpty) return failure;
  switch (failure.kind) {
    case 'user-error':
      return redactError(failure, redaction);
    case 'spawn':
    case 'lost':
    case 'protocol':
      return { ...failure, message: redaction.clean(failure.message) };
    case 'exit':
    case 'signal':
    case 'timeout':
    case 'out-of-memory':
    case 'cancelled':
    case 'upstream':
      return failure;
  }
}

function redactError(error: UserError, redaction: Redaction): UserError {
  const { code, hint, fields, cause } = error;
  return {
    ...error,
    name: redaction.clean(error.name),
    message: redaction.clean(error.message),
    ...(code === undefined ? {} : { code: redaction.clean(code) }),
    ...(hint === undefined ? {} : { hint: redaction.clean(hint) }),
    ...(fields === undefined ? {} : { fields: redactFields(fields, redaction) }),
    ...(cause === undefined ? {} : { cause: redactError(cause, redaction) }),
  };
}

function redactFields(
  fields: { readonly [name: string]: Json },
  redaction: Redaction,
): { readonly [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      redaction.clean(name),
      redaction.cleanJson(value),
    ]),
  );
}
