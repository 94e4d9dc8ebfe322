/** The colours that consoles use; each is the identity where the output is no terminal. */
export type ConsoleColors = {
  readonly [name in 'bold' | 'cyan' | 'dim' | 'green' | 'red' | 'yellow']: (text: string) => string;
};
