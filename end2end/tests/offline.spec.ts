// Away and back: afterwards the page shows what a page shows that was just opened.
import type { Cable } from '../support/cable.ts';
import { expect, test, unique, type Visitor } from '../support/test.ts';

/** The server tells of 200 notices at once, and a page reads 200 messages at once. */
const MORE_THAN_ONE_ANSWER = 205;

/** Pulls the cable, and waits until the page has noticed. */
async function goOffline(visitor: Visitor, cable: Cable): Promise<void> {
  visitor.guard.allowOutage();
  visitor.guard.allow(/ERR_INTERNET_DISCONNECTED/);
  cable.pull();
  await visitor.context.setOffline(true);
  await expect(visitor.page.getByText('Connection lost.')).toBeAttached();
}

async function goOnline(visitor: Visitor, cable: Cable): Promise<void> {
  cable.plugIn();
  await visitor.context.setOffline(false);
}

/** What is shown: each message with its id, its text, and whether it was edited. */
function shown(visitor: Visitor): Promise<string[]> {
  return visitor.messages.evaluateAll((articles) => articles.map((article) => {
    const [text, edited] = [article.querySelector('.body')?.textContent, article.querySelector('small') !== null];
    return `${article.id} ${text} ${edited}`;
  }));
}

test('after more posts, edits and deletions than one answer tells of the page equals a fresh one, item for item', async ({ as, cable }) => {
  const [ada, bob] = [await as('ada'), await as('bob', { baseURL: cable.url })];
  const room = await ada.makeRoom(unique('Offline'));
  const before = await ada.postMany(room, 60);
  await bob.enter(room);
  await goOffline(bob, cable);
  const ids = [...before, ...await ada.postMany(room, MORE_THAN_ONE_ANSWER)];
  // Some of those that are shown, some of those that are not there yet, the newest among them.
  const last = (count: number, from: number) => ids.slice(ids.length - from, ids.length - from + count);
  const shownBefore = MORE_THAN_ONE_ANSWER + 30;
  await Promise.all([...last(10, shownBefore), ...last(10, 30)].map((id) => ada.call('messages/edit', { id, body: `edited ${id}` })));
  await Promise.all([...last(10, shownBefore - 15), ...last(10, 10)].map((id) => ada.call('messages/delete', { id })));
  await goOnline(bob, cable);
  const fresh = await as('bob');
  await fresh.enter(room);
  // Who was there before may be shown up to twice as much as who has just come. To scroll there may take another page along.
  await fresh.page.getByRole('log').press('Home');
  await expect.poll(() => fresh.messages.count()).toBeGreaterThanOrEqual(100);
  const expected = await shown(fresh);
  await expect(async () => {
    const here = await shown(bob);
    expect(here.length).toBeGreaterThanOrEqual(50);
    expect(here).toEqual(expected.slice(-here.length));
  }).toPass({ timeout: 20_000 });
  await bob.expectSamePage();
  await ada.post(room, 'and live again');
  await expect(bob.message('and live again')).toHaveCount(1);
});

test('who reads older messages meanwhile finds all of them in their place', async ({ as, cable }) => {
  const [ada, bob] = [await as('ada'), await as('bob', { baseURL: cable.url })];
  const room = await ada.makeRoom(unique('Reading'));
  const ids = await ada.postNumbers(room, 45);
  await bob.enter(room);
  await bob.readFromTheTop();
  await expect(bob.message('number 1.')).toBeInViewport();
  await goOffline(bob, cable);
  await ada.postMany(room, MORE_THAN_ONE_ANSWER);
  await ada.call('messages/edit', { id: ids[1], body: 'number two.' });
  await ada.call('messages/delete', { id: ids[2] });
  await goOnline(bob, cable);
  await expect(bob.button(`${MORE_THAN_ONE_ANSWER} new messages ↓`)).toBeVisible();
  await expect(bob.messages).toHaveCount(45 + MORE_THAN_ONE_ANSWER);
  await expect(bob.message('number two.')).toBeInViewport();
});

/** What brings a page back, and how it comes about. */
const wakes: Record<string, (visitor: Visitor) => Promise<void>> = {
  // Chromium fires it when its network is there again.
  online: ({ context }) => context.setOffline(false),
  visibilitychange: ({ page }) => page.evaluate(() => {
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }),
};

for (const [event, wake] of Object.entries(wakes)) {
  test(`a page is back at once on ${event}`, async ({ as, cable }) => {
    const [ada, bob] = [await as('ada'), await as('bob', { baseURL: cable.url })];
    const room = await ada.makeRoom(unique('Wake'));
    await bob.page.clock.install();
    await bob.enter(room);
    // What the page would try by itself, after a pause, it does not try while its time stands still.
    await bob.stopTime();
    bob.guard.allowOutage();
    cable.pull();
    await expect(bob.page.getByText('Connection lost.')).toBeAttached();
    if (event === 'online') await bob.context.setOffline(true);
    await ada.post(room, 'while you were away');
    cable.plugIn();
    const tried = bob.page.waitForRequest('/rest/pusher/key');
    await wake(bob);
    await tried;
    await bob.page.clock.resume();
    await expect(bob.message('while you were away')).toHaveCount(1);
    await bob.expectSamePage();
  });
}
