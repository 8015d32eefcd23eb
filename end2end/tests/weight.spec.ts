// What a browser has to load before a room's page is live, as it comes over the wire.
import { expect, test } from '../support/test.ts';

/** Thousands of bytes, compressed. */
const BUDGET = 630;

test('the first visit to a room stays within its budget', async ({ as }) => {
  test.skip(/debug/.test(process.env.EARSHOT_BIN ?? ''), 'development builds are neither small nor compressed');
  const ada = await as('ada');
  const session = await ada.context.newCDPSession(ada.page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const paths = new Map<string, string>();
  const weights = new Map<string, number>();
  session.on('Network.responseReceived', ({ requestId, response }) => paths.set(requestId, new URL(response.url).pathname));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
    weights.set(paths.get(requestId) ?? '', encodedDataLength / 1_000));
  await ada.enter(1);
  const loaded = () => [...weights].filter(([path]) => /\.(wasm|js|css)$/.test(path));
  await expect.poll(() => loaded().map(([path]) => path.replace(/.*\./, '')).sort()).toEqual(['css', 'js', 'wasm']);
  const total = loaded().reduce((sum, [, weight]) => sum + weight, 0);
  test.info().annotations.push({ type: 'weight', description: `${total.toFixed(0)} kB: ${loaded().map(([path, weight]) => `${path} ${weight.toFixed(0)}`).join(', ')}` });
  expect(total).toBeLessThan(BUDGET);
});
