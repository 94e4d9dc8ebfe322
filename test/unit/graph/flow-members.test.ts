import { expect, it } from 'vitest';
import { FlowSpec } from '../../../src/flow/flow-spec.ts';
import { FLOW_MEMBERS } from '../../../src/model/flow-members.ts';

it('lint knows exactly the members that FlowSpec has', () => {
  expect([...FLOW_MEMBERS].toSorted()).toEqual(
    Object.getOwnPropertyNames(FlowSpec.prototype).toSorted(),
  );
});
