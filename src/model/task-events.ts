import type { FlowEvent, GangEvent, TaskEvent } from './events.ts';

/** What an event says of single tasks: a gang's event says the same of each of its members. */
export function taskEventsOf(event: FlowEvent): readonly TaskEvent[] {
  switch (event.type) {
    case 'run.started':
    case 'run.succeeded':
    case 'run.failed':
    case 'run.stopping':
    case 'run.cancelled':
    case 'hook.started':
    case 'hook.succeeded':
    case 'hook.failed':
      return [];
    case 'gang.succeeded':
    case 'gang.failed':
      return membersOf(event);
    case 'task.launched':
    case 'task.succeeded':
    case 'task.failed':
    case 'task.cloned':
    case 'foreach.opened':
    case 'foreach.yielded':
      return [event];
  }
}

function membersOf(event: GangEvent): readonly TaskEvent[] {
  const { v, seq, at, run, step, attempt } = event;
  const shared = { v, seq, at, run, step, attempt };
  if (event.type === 'gang.succeeded') {
    return event.members.map((member) => ({ ...shared, type: 'task.succeeded', ...member }));
  }
  const { then: next } = event;
  return event.members.map((member) => ({ ...shared, type: 'task.failed', then: next, ...member }));
}
