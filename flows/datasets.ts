import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of real tables that the development dependency `vega-datasets` ships. */
const folder = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');

export function datasetPath(name: string): string {
  return join(folder, name);
}

export async function readJsonRows<Row>(name: string): Promise<Row[]> {
  return JSON.parse(await readFile(datasetPath(name), 'utf8')) as Row[];
}

/** Rows of a CSV file without quoted cells, as records of text. */
export async function readCsvRows(name: string): Promise<Record<string, string>[]> {
  const text = await readFile(datasetPath(name), 'utf8');
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const columns = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, n) => [column, cells[n] ?? '']));
  });
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
