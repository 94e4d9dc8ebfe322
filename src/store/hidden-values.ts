/**
 * What this process must not keep. The store asks before it keeps bytes; nobody pays who has no secrets.
 */
export interface HiddenValues {
  /** Throws FlowError `SECRET_IN_ARTIFACT` that names the place inside the value. */
  refuse(bytes: Uint8Array, value: unknown, root: string): void;
  /** The same bytes, in pieces. */
  refuseStream(chunks: AsyncIterable<Uint8Array>, name: string): AsyncIterable<Uint8Array>;
}

let hidden: HiddenValues | undefined;

export function setHiddenValues(values: HiddenValues | undefined): void {
  hidden = values;
}

export function hiddenValues(): HiddenValues | undefined {
  return hidden;
}
