import { type FlowClass, mutationOf } from './steps.ts';

/** A fresh instance of a flow, with the parameters that its mutators left. */
export function instantiate(flow: FlowClass): object {
  const instance = new flow();
  const mutation = mutationOf(flow);
  if (mutation === undefined) return instance;
  for (const name of mutation.removedParameters) Reflect.deleteProperty(instance, name);
  for (const [name, value] of mutation.addedParameters) {
    const property = { value, enumerable: true, configurable: true, writable: true };
    Reflect.defineProperty(instance, name, property);
  }
  return instance;
}
