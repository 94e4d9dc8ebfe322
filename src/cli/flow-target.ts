/** `weather.ts` or `weather.ts:Weather`: the last colon divides, if a class name follows it. */
export interface FlowTarget {
  readonly file: string;
  readonly flow?: string;
}

export function parseFlowTarget(text: string): FlowTarget {
  const colon = text.lastIndexOf(':');
  const name = text.slice(colon + 1);
  if (colon < 1 || !/^[A-Za-z_$][\w$]*$/.test(name)) return { file: text };
  return { file: text.slice(0, colon), flow: name };
}
