import { FlowSpec, type Inputs, param, step } from 'millrace';
import { readJsonRows } from './datasets.ts';

interface Flight {
  readonly delay: number;
  readonly distance: number;
  /** Hour of departure, with its minutes as a fraction. */
  readonly time: number;
}

interface Bucket {
  readonly hours: string;
  readonly flights: number;
  readonly lateShare: number;
  readonly worstMinutes: number;
}

/**
 * 200,000 flights of a real file, cut by hour of departure, summarised side by side, joined again.
 * The columns travel as typed arrays: raw bytes in the store, never parsed again.
 */
export class Flights extends FlowSpec {
  readonly late = param.int({ default: 15, min: 1, help: 'minutes after which a flight is late' });
  readonly buckets = param.int({ default: 4, min: 1, max: 24, help: 'parts of the day' });

  delays = new Int16Array();
  hours = new Float32Array();
  table: Bucket[] = [];
  bucket: Bucket | undefined;

  @step async start() {
    const flights = await readJsonRows<Flight>('flights-200k.json');
    this.delays = Int16Array.from(flights, (flight) => flight.delay);
    this.hours = Float32Array.from(flights, (flight) => flight.time);
    console.log(`${flights.length} flights`);
    const width = 24 / this.buckets;
    const parts = Array.from({ length: this.buckets }, (_, n) => ({
      from: n * width,
      to: (n + 1) * width,
    }));
    this.next(this.summarise, { foreach: parts });
  }

  @step summarise(part: { from: number; to: number }) {
    const delays = this.delays.filter((_, n) => {
      const hour = this.hours[n] ?? 0;
      return hour >= part.from && hour < part.to;
    });
    const late = delays.filter((delay) => delay >= this.late).length;
    this.bucket = {
      hours: `${part.from}–${part.to} h`,
      flights: delays.length,
      lateShare: delays.length === 0 ? 0 : late / delays.length,
      worstMinutes: delays.reduce((worst, delay) => Math.max(worst, delay), 0),
    };
    this.next(this.join);
  }

  @step join(inputs: Inputs<Flights>) {
    this.table = inputs.flatMap((input) => input.bucket ?? []);
    this.next(this.end);
  }

  @step end() {
    for (const { hours, flights, lateShare, worstMinutes } of this.table) {
      const share = `${(lateShare * 100).toFixed(1)} %`.padStart(7);
      console.log(
        `${hours.padEnd(10)} ${String(flights).padStart(7)} flights ${share} late, worst ${worstMinutes} min`,
      );
    }
    const total = this.table.reduce((sum, bucket) => sum + bucket.flights, 0);
    console.log(`${total} flights in all`);
  }
}
