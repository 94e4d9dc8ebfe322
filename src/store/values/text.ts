declare global {
  interface String {
    /** False if a surrogate stands alone. (ES2024; every supported Node has it.) */
    isWellFormed(): boolean;
  }
}

/** True if the string holds half a surrogate pair, which no UTF-8 can say. */
export function isBrokenText(text: string): boolean {
  return !text.isWellFormed();
}
