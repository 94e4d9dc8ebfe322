/** Where there often is nothing to wait for, and a promise for each call would be what costs most. */
export type Awaitable<T> = T | Promise<T>;
