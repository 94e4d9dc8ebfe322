import { takeRequests } from '../journal/requests.ts';
import type { InterruptSource } from './interrupt.ts';

/** Routes what `flow cancel` asks of a run whose process is not only its own. */
export const handleRequests: InterruptSource = (target, dir) => ({
  received: undefined,
  remove: takeRequests(dir, (request) => {
    if (request === 'kill') target.kill();
    else target.stop('flow cancel');
  }),
});
