const LANES = 3;

/** Does `work` for 0, 1, … `count - 1`, several at a time; after the first failure nothing new begins. */
export async function inLanes(
  count: number,
  work: (number: number) => Promise<void>,
): Promise<void> {
  const left = Array.from({ length: count }, (_, number) => number).toReversed();
  const lane = async (): Promise<void> => {
    for (let number = left.pop(); number !== undefined; number = left.pop()) {
      try {
        await work(number);
      } catch (error) {
        left.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
