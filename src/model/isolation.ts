/** Where the tasks of a run may be; the first is the default. */
export const ISOLATIONS = ['process', 'pooled', 'inline'] as const;

export type Isolation = (typeof ISOLATIONS)[number];
