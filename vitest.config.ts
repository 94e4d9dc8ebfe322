import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './.ci/summary-reporter.ts';

// Tests and flows import `millrace` by its own name and get the sources, not the last build.
const conditions = ['millrace-source'];
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  test: {
    reporters: ['default', new SummaryReporter()],
    projects: [
      { ...fromSource, test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { ...fromSource, test: { name: 'arch', include: ['test/arch/**/*.test.ts'] } },
      {
        ...fromSource,
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        // Whole commands in child processes: after the rest, and two files at a time, so that small
        // machines keep their timings.
        ...fromSource,
        test: {
          name: 'spec',
          include: ['test/spec/**/*.test.ts'],
          pool: 'forks',
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Processes are killed and disks fail, several at a time: alone, after all others.
        ...fromSource,
        test: {
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          pool: 'forks',
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
          testTimeout: 24 * 3_600_000,
        },
      },
      {
        // Hundreds of small runs, several at a time by itself: alone too, at the end.
        ...fromSource,
        test: {
          name: 'matrix',
          include: ['test/matrix/**/*.test.ts'],
          pool: 'forks',
          sequence: { groupOrder: 3 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
