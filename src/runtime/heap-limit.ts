/** What a Node process needs beside its heap: its own code and stacks. */
const BESIDE_HEAP_BYTES = 64 * 2 ** 20;
/** The rest is for the young generation, which the heap limit leaves out, and for buffers. */
const HEAP_SHARE = 0.85;
const SMALLEST_HEAP_MIB = 16;

/**
 * Node's options for a process that may use so much memory: V8 collects harder as it comes near, and
 * ends the process with a message of its own before the limit of the whole tree does.
 */
export function heapLimitOptions(memoryBytes: number): readonly string[] {
  const heapMib = Math.floor(((memoryBytes - BESIDE_HEAP_BYTES) * HEAP_SHARE) / 2 ** 20);
  return [`--max-old-space-size=${Math.max(SMALLEST_HEAP_MIB, heapMib)}`];
}
