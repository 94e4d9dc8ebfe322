import { expect, it } from 'vitest';
import * as api from '../../src/index.ts';
import { API_NAMES } from '../../src/model/api-names.ts';

it('a prepared flow can import exactly what the package exports', () => {
  expect(API_NAMES).toEqual(Object.keys(api).toSorted());
});
