import type {
  AttemptOptions,
  Executor,
  RunningAttempt,
  Upcoming,
} from '../../model/ports/executor.ts';
import type { TaskSpec } from '../../model/task.ts';

export interface Routes {
  /** For placements that say `inline`. */
  readonly inline: Executor;
  readonly others: Executor;
}

/** A run without processes may have steps that ask for one. */
export class RoutingExecutor implements Executor {
  readonly #routes: Routes;

  constructor(routes: Routes) {
    this.#routes = routes;
  }

  launch(spec: TaskSpec, options: AttemptOptions): RunningAttempt {
    const { inline, others } = this.#routes;
    return (options.placement.isolation === 'inline' ? inline : others).launch(spec, options);
  }

  expect(upcoming: Upcoming): void {
    this.#routes.others.expect?.((limit) =>
      upcoming(limit).filter(({ isolation }) => isolation !== 'inline'),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.#routes.inline.close(), this.#routes.others.close()]);
  }
}
