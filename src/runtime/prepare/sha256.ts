import { createHash } from 'node:crypto';
import type { Hash } from '../../model/ids.ts';

export function sha256(text: string): Hash {
  return createHash('sha256').update(text).digest('hex') as Hash;
}
