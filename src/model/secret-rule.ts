/** A shorter secret is refused: taking it out of a text would take innocent words out, too. */
export const SHORTEST_SECRET = 4;
