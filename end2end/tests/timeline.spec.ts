// The timeline: who speaks stands once, each day has its date, what is new is said, and one's last word is an arrow away.
import { expect, test, unique } from '../support/test.ts';

test('messages of one author stand under one name, until somebody else speaks', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Groups'));
  for (const body of ['one', 'two']) await ada.post(room, body);
  await bob.post(room, 'three');
  await ada.enter(room);
  await ada.say('four');
  await ada.say('five');
  await expect(ada.message('five')).toHaveAttribute('id', /^message-\d+$/);
  const goesOn = () => ada.messages.evaluateAll((all) => all.map((one) => one.classList.contains('goes-on')));
  await expect.poll(goesOn).toEqual([false, true, false, false, true]);
  await expect(ada.page.getByRole('log').getByRole('heading', { level: 2 })).toHaveCount(1);
  // Who does not see it hears whose each is.
  await expect(ada.message('two').getByText('Ada', { exact: true })).toHaveCount(1);
});

test('days and times are the reader\'s, and nothing moves while the page comes and becomes live', async ({ as }) => {
  const options = { timezoneId: 'Pacific/Auckland', locale: 'en-GB' };
  const ada = await as('ada', options);
  const room = await ada.makeRoom(unique('Zone'));
  await ada.postNumbers(room, 8);
  await ada.enter(room);
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: options.timezoneId, timeStyle: 'short' });
  const posted = await ada.message('number 1.').locator('time').getAttribute('datetime');
  await expect(ada.message('number 1.').locator('time')).toHaveText(clock.format(new Date(posted ?? '')));
  // The server has been told the zone: what it writes is what the live page shows.
  const written = await (await ada.context.request.get(`/rooms/${room}`)).text();
  expect(written).toContain(`>${clock.format(new Date(posted ?? ''))}<`);
  await ada.page.addInitScript(() => {
    Object.assign(window, { shifts: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        Object.assign(window, { shifts: (window as never as { shifts: number }).shifts + (entry as never as { value: number }).value });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  // The page itself comes in many pieces; what it needs besides is there since the first visit.
  const session = await ada.context.newCDPSession(ada.page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: 30_000, uploadThroughput: -1 });
  await ada.enter(room);
  await expect(ada.message('number 8.')).toBeInViewport();
  expect(await ada.page.evaluate(() => (window as never as { shifts: number }).shifts)).toBeLessThan(0.01);
});

test('what others say is said to those who do not see it, once, and nothing else is', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Said'));
  await ada.postNumbers(room, 70);
  await bob.enter(room);
  const said = bob.page.locator('[aria-live="polite"].unseen');
  await expect(bob.page.getByRole('log')).toHaveAttribute('aria-live', 'off');
  await expect(said).toHaveText('');
  await bob.page.getByRole('log').press('Home');
  await expect(bob.messages).toHaveCount(70);
  await bob.say('my own');
  await expect(bob.message('my own')).toHaveAttribute('id', /^message-\d+$/);
  await expect(said).toHaveText('');
  await ada.post(room, 'listen');
  await expect(said).toHaveText('Ada: listen');
});

test('the up arrow in an empty composer edits one\'s last message', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Up'));
  await ada.post(room, 'first');
  await ada.post(room, 'second');
  await bob.post(room, 'between');
  await ada.enter(room);
  await ada.composer.fill('x');
  await ada.composer.press('ArrowUp');
  await expect(ada.page.getByRole('textbox', { name: 'New text' })).toHaveCount(0);
  await ada.composer.fill('');
  await ada.composer.press('ArrowUp');
  const field = ada.page.getByRole('textbox', { name: 'New text' });
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('second');
  await field.fill('second, and better');
  await field.press('Enter');
  await expect(ada.message('second, and better')).toHaveCount(1);
  await expect(field).toHaveCount(0);
  await ada.expectSamePage();
});

test('everything that can be done to a message is reached by keyboard', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Keys'));
  await ada.post(room, 'mine');
  await ada.enter(room);
  const message = ada.message('mine');
  await message.locator('a.when').focus();
  for (const name of ['React', 'Answer', 'More actions']) {
    await ada.page.keyboard.press('Tab');
    const focused = message.locator(':focus');
    await expect(focused).toHaveAccessibleName(name);
    await expect(focused).toBeVisible();
  }
  await ada.page.keyboard.press('Enter');
  for (const name of ['React', 'Answer', 'Copy link', 'Mark as unread', 'Edit', 'Delete']) {
    await ada.page.keyboard.press('Tab');
    await expect(message.locator(':focus')).toHaveAccessibleName(name);
  }
  await ada.page.keyboard.press('Escape');
  await expect(message.locator('.menu')).toBeHidden();
});
