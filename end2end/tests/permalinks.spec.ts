// A message has a lasting address: the room, opened around it.
import { expect, test, unique } from '../support/test.ts';

test('a room opens around a message, and grows both ways as one scrolls', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Around'));
  const ids = await ada.postNumbers(room, 140);
  await bob.page.goto(`/rooms/${room}?at=${ids[69]}#message-${ids[69]}`);
  await bob.wire.hears(`private-Room.${room}`);
  const there = bob.message('number 70.');
  await expect(there).toBeInViewport();
  await expect(there).toHaveClass(/spot/);
  await expect(bob.messages).toHaveCount(50);
  await expect(bob.page.getByRole('link', { name: 'To the newest' })).toBeVisible();
  await ada.post(room, 'said meanwhile');
  const log = bob.page.getByRole('log');
  await log.press('End');
  await expect(bob.message('number 100.')).toHaveCount(1);
  await expect(bob.message('number 85.')).toBeInViewport();
  // What was there already is not new.
  await expect(bob.page.getByRole('button', { name: /new messages? ↓/ })).toHaveCount(0);
  await expect.poll(async () => {
    await log.press('End');
    return bob.message('said meanwhile').count();
  }).toBe(1);
  await expect(bob.page.getByRole('link', { name: 'To the newest' })).toHaveCount(0);
  await expect.poll(async () => {
    await log.press('Home');
    return bob.message('number 1.').count();
  }).toBe(1);
  await expect(bob.messages.getByText(/^number \d+\.$/)).toHaveText(Array.from({ length: 140 }, (_, index) => `number ${index + 1}.`));
  await ada.post(room, 'and now live');
  await expect(bob.message('and now live')).toHaveCount(1);
});

test('who writes while reading around an old message is at the newest again', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Old'));
  const ids = await ada.postNumbers(room, 90);
  await ada.page.goto(`/rooms/${room}?at=${ids[9]}`);
  await ada.wire.hears(`private-Room.${room}`);
  await expect(ada.message('number 10.')).toBeInViewport();
  // The page hears of its scrolling before the newest messages come.
  await ada.page.route('**/api/messages/page*', async (route) => {
    await ada.page.evaluate(() => new Promise((told) => requestAnimationFrame(() => requestAnimationFrame(told))));
    await route.continue();
  }, { times: 1 });
  await ada.say('here I am');
  await expect(ada.message('here I am')).toHaveAttribute('id', /^message-\d+$/);
  await expect(ada.message('number 90.')).toHaveCount(1);
  await expect(ada.message('number 10.')).toHaveCount(0);
  await expect(ada.message('here I am')).toBeInViewport();
  await expect(ada.page.getByRole('button', { name: /new messages? ↓/ })).toHaveCount(0);
});

test('the time of a message is its link, and a message that is not there is told', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Link'));
  const id = await ada.post(room, 'find me');
  await ada.enter(room);
  const time = ada.message('find me').locator('a.when');
  await expect(time).toHaveAttribute('href', `/rooms/${room}?at=${id}#message-${id}`);
  await expect(time.locator('time')).toHaveAttribute('title', /\d{4}/);
  await time.click();
  await expect(ada.page).toHaveURL(`/rooms/${room}?at=${id}#message-${id}`);
  await ada.page.goto(`/rooms/${room}?at=987654321`);
  await expect(ada.page.getByText('The message you were led to is not in this room.')).toBeVisible();
  await expect(ada.message('find me')).toHaveCount(1);
});

test('a link is copied from the menu', async ({ as }) => {
  const ada = await as('ada', { permissions: ['clipboard-read', 'clipboard-write'] });
  const room = await ada.makeRoom(unique('Copy'));
  const id = await ada.post(room, 'worth a link');
  await ada.enter(room);
  const message = await ada.openMenu('worth a link');
  await message.getByRole('link', { name: 'Copy link' }).click();
  await expect(message.getByText('Link copied')).toBeVisible();
  expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toMatch(new RegExp(`/rooms/${room}\\?at=${id}#message-${id}$`));
});

test('where the browser refuses to copy it, a link leads to itself', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Refused'));
  const id = await ada.post(room, 'worth a link');
  await ada.page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await ada.enter(room);
  const message = await ada.openMenu('worth a link');
  await message.getByRole('link', { name: 'Copy link' }).click();
  await expect(ada.page).toHaveURL(`/rooms/${room}?at=${id}#message-${id}`);
  await expect(ada.page.getByText('Link copied')).toHaveCount(0);
});
