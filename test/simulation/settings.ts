/**
 * `MILLRACE_SIMULATIONS` sets how many histories all simulations play together. A failure prints its
 * seed and path; `MILLRACE_SEED` and `MILLRACE_PATH` replay it (name the test with `-t`).
 */
const usual = process.env['CI'] === undefined ? 4_000 : 20_000;
const histories = Number(process.env['MILLRACE_SIMULATIONS'] ?? usual);
const { MILLRACE_SEED: seed, MILLRACE_PATH: path } = process.env;

/** For fast-check; `share` is the part of all histories that a test plays. */
export function simulations(share: number) {
  return {
    numRuns: Math.ceil(histories * share),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
  };
}

/** A history takes a few milliseconds. */
export const testTimeout = 60_000 + histories * 20;
