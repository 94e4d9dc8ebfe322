import { catchError, FlowSpec, type Inputs, param, retry, step } from 'millrace';
import { readCsvRows } from './datasets.ts';

interface Price {
  readonly symbol: string;
  readonly year: number;
  readonly price: number;
}

/**
 * A foreach in a foreach (symbols, then years), with a step that fails for one symbol: it is tried
 * again, then caught, and the run goes on without it.
 */
export class Stocks extends FlowSpec {
  readonly delisted = param.string({ default: 'IBM', help: 'the symbol whose feed is broken' });

  prices: Price[] = [];
  symbol = '';
  gain = 0;
  problem: unknown;
  best: { year: number; gain: number } | undefined;
  report: string[] = [];

  @step async start() {
    const rows = await readCsvRows('stocks.csv');
    this.prices = rows.map((row) => ({
      symbol: row['symbol'] ?? '',
      year: Number(row['date']?.slice(-4)),
      price: Number(row['price']),
    }));
    this.next(this.load, { foreach: [...new Set(this.prices.map((price) => price.symbol))] });
  }

  @catchError('problem')
  @retry({ times: 1, backoff: { initial: '100ms' } })
  @step
  load(symbol: string) {
    if (symbol === this.delisted) throw new Error(`the feed of ${symbol} is broken`);
    this.symbol = symbol;
    this.prices = this.prices.filter((price) => price.symbol === symbol);
    this.next(this.years);
  }

  @step years() {
    const years =
      this.problem === undefined ? [...new Set(this.prices.map((price) => price.year))] : [];
    this.next(this.measure, { foreach: years });
  }

  @step measure(year: number) {
    const prices = this.prices.filter((price) => price.year === year).map((price) => price.price);
    this.gain = (prices.at(-1) ?? 0) / (prices[0] ?? 1) - 1;
    this.next(this.bestYear);
  }

  /** With no years there are no inputs, and the join still runs. */
  @step bestYear(inputs: Inputs<Stocks>) {
    const years = [...new Set(this.prices.map((price) => price.year))];
    const gains = inputs.map((input, n) => ({ year: years[n] ?? 0, gain: input.gain }));
    this.best = gains.toSorted((a, b) => b.gain - a.gain)[0];
    this.next(this.join);
  }

  @step join(inputs: Inputs<Stocks>) {
    this.report = inputs.map(({ symbol, best, problem }) =>
      best === undefined
        ? `no prices (${problem === undefined ? 'empty' : 'caught'})`
        : `${symbol}: ${best.year} was the best year, ${(best.gain * 100).toFixed(0)} %`,
    );
    this.next(this.end);
  }

  @step end() {
    console.log(this.report.join('\n'));
  }
}
