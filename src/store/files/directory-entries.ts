import type { Hash } from '../../model/ids.ts';
import { isHash } from '../hash.ts';
import { decodeValue, encodeValue } from '../values/value.ts';

/** One file or folder of a directory artifact. */
export type DirectoryEntry =
  | {
      readonly kind: 'file';
      /** Relative, with `/`, never leading out of the directory. */
      readonly path: string;
      /** Permission bits. */
      readonly mode: number;
      readonly hash: Hash;
      /** Bytes. */
      readonly size: number;
    }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number };

/** A directory artifact is the list of its entries, as CBOR; the files are blobs of their own. */
export function encodeEntries(entries: readonly DirectoryEntry[]): Uint8Array {
  return encodeValue(
    entries.map((entry) =>
      entry.kind === 'file'
        ? [entry.path, entry.mode, entry.hash, entry.size]
        : [entry.path, entry.mode],
    ),
  );
}

/** Undefined if this is no such list, or one whose paths lead elsewhere. */
export function decodeEntries(bytes: Uint8Array): readonly DirectoryEntry[] | undefined {
  const rows = decodeValue(bytes);
  if (!Array.isArray(rows)) return undefined;
  const entries = rows.map(decodeEntry);
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

function decodeEntry(row: unknown): DirectoryEntry | undefined {
  const [path, mode, hash, size]: readonly unknown[] = Array.isArray(row) ? row : [];
  if (typeof path !== 'string' || typeof mode !== 'number' || !staysInside(path)) return undefined;
  if (hash === undefined) return { kind: 'directory', path, mode: mode & 0o777 };
  if (typeof hash !== 'string' || !isHash(hash) || typeof size !== 'number') return undefined;
  return { kind: 'file', path, mode: mode & 0o777, hash, size };
}

function staysInside(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
