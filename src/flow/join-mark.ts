/** Exists for the compiler only: tells the inputs of a join from an item, and of which flow they are. */
declare const FLOW: unique symbol;

/**
 * Inputs of any flow that `F` is a kind of. The method form compares `F` both ways, so that a join
 * may be overridden with narrower inputs; `this` is a type of its own, so a foreign flow never fits.
 */
export interface JoinMark<F> {
  [FLOW](flow: F): void;
}
