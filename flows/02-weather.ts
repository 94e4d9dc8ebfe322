import { FlowSpec, type Inputs, param, retry, step, timeout } from 'millrace';
import { mean, readCsvRows } from './datasets.ts';

/** A foreach: one task per year of Seattle's weather, each in a process of its own, then a join. */
export class Weather extends FlowSpec {
  readonly top = param.int({ default: 3, min: 1, help: 'how many years to print' });

  years: number[] = [];
  warmest: { year: number; mean: number }[] = [];
  mean = 0;

  @step async start() {
    const rows = await readCsvRows('seattle-weather.csv');
    this.years = [...new Set(rows.map((row) => Number(row['date']?.slice(0, 4))))];
    this.next(this.summarise, { foreach: this.years });
  }

  @retry({ times: 2, backoff: { initial: '1s', factor: 2, jitter: true } })
  @timeout('1m')
  @step
  async summarise(year: number) {
    const rows = await readCsvRows('seattle-weather.csv');
    const ofYear = rows.filter((row) => row['date']?.startsWith(String(year)));
    this.mean = mean(ofYear.map((row) => Number(row['temp_max'])));
    this.next(this.join);
  }

  /** Inputs come in the order of the items, whichever task ended first. */
  @step join(inputs: Inputs<Weather>) {
    const means = inputs.map((input, n) => ({ year: this.years[n] ?? 0, mean: input.mean }));
    this.warmest = means.toSorted((a, b) => b.mean - a.mean).slice(0, this.top);
    this.next(this.end);
  }

  @step end() {
    for (const { year, mean: degrees } of this.warmest)
      console.log(`${year}: ${degrees.toFixed(1)} °C`);
  }
}
