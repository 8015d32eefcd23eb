// Waits with an end, which say what they waited for.

/** Asks until it is so. What `isSo` throws ends the wait at once. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, milliseconds = 30_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

/** What comes of `promise`, unless it takes too long. */
export async function within<T>(what: string, promise: Promise<T>, milliseconds = 30_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, over) => {
    timer = setTimeout(() => over(new Error(`not within ${milliseconds} ms: ${what}`)), milliseconds);
  });
  return Promise.race([promise, tooLong]).finally(() => clearTimeout(timer));
}
