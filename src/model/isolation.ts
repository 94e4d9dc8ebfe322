/** Where the tasks of a run may be; the first is the default. */
export const ISOLATIONS = ['process', 'pooled'] as const;

export type Isolation = (typeof ISOLATIONS)[number];
