// Away and back: afterwards the page shows what a page shows that was just opened.
import type { Cable } from '../support/cable.ts';
import { expect, test, unique, type Visitor } from '../support/test.ts';

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

test('500 posts, 50 edits and 50 deletions later the page equals a fresh one, item for item', async ({ as, cable }) => {
  const [ada, bob] = [await as('ada'), await as('bob', { baseURL: cable.url })];
  const room = await ada.makeRoom(unique('Offline'));
  const ids: number[] = [];
  for (let number = 1; number <= 60; number += 1) ids.push(await ada.post(room, `before ${number}`));
  await bob.enter(room);
  await goOffline(bob, cable);
  for (let number = 1; number <= 500; number += 1) ids.push(await ada.post(room, `meanwhile ${number}`));
  // Some of those that are shown, some of those that are not there yet, the newest among them.
  const last = (count: number, from: number) => ids.slice(ids.length - from, ids.length - from + count);
  for (const id of [...last(25, 530), ...last(25, 30)]) await ada.call('messages/edit', { id, body: `edited ${id}` });
  for (const id of [...last(25, 505), ...last(25, 25)]) await ada.call('messages/delete', { id });
  await goOnline(bob, cable);
  const fresh = await as('bob');
  await fresh.enter(room);
  const expected = await shown(fresh);
  expect(expected).toHaveLength(50);
  await expect.poll(() => shown(bob), { timeout: 20_000 }).toEqual(expected);
  await bob.expectSamePage();
  await ada.post(room, 'and live again');
  await expect(bob.message('and live again')).toHaveCount(1);
});

test('who reads older messages meanwhile finds all of them in their place', async ({ as, cable }) => {
  const [ada, bob] = [await as('ada'), await as('bob', { baseURL: cable.url })];
  const room = await ada.makeRoom(unique('Reading'));
  const ids: number[] = [];
  for (let number = 1; number <= 45; number += 1) ids.push(await ada.post(room, `number ${number}.`));
  await bob.enter(room);
  await bob.page.getByRole('log').press('Home');
  await expect(bob.message('number 1.')).toBeInViewport();
  await goOffline(bob, cable);
  for (let number = 46; number <= 300; number += 1) ids.push(await ada.post(room, `number ${number}.`));
  await ada.call('messages/edit', { id: ids[1], body: 'number two.' });
  await ada.call('messages/delete', { id: ids[2] });
  await goOnline(bob, cable);
  await expect(bob.button('255 new messages ↓')).toBeVisible({ timeout: 20_000 });
  await expect(bob.messages).toHaveCount(300);
  await expect(bob.message('number two.')).toBeInViewport();
});

for (const wake of ['online', 'visibilitychange']) {
  test(`a page is back at once on ${wake}`, async ({ as, cable }) => {
    const [ada, bob] = [await as('ada'), await as('bob', { baseURL: cable.url })];
    const room = await ada.makeRoom(unique('Wake'));
    await bob.page.clock.install();
    await bob.enter(room);
    await goOffline(bob, cable);
    await ada.post(room, 'while you were away');
    // The page's time stands still: what it would try by itself, after a pause, it does not try.
    await bob.page.clock.pauseAt(Date.now() + 60_000);
    const tried = bob.page.waitForRequest('/rest/pusher/key');
    if (wake === 'online') {
      await goOnline(bob, cable);
    } else {
      await bob.page.evaluate(() => window.addEventListener('online', (event) => event.stopImmediatePropagation(), true));
      await goOnline(bob, cable);
      await bob.page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')));
    }
    await tried;
    await bob.page.clock.resume();
    await expect(bob.message('while you were away')).toHaveCount(1);
    await bob.expectSamePage();
  });
}
