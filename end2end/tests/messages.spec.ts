// Messages: what one person writes the others see at once, once, and as text.
import { expect, test, unique } from '../support/test.ts';

test('a message, its edit and its deletion appear on the other side, each once', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Talk'));
  await ada.enter(room);
  await bob.enter(room);
  await ada.say('hello Bob');
  for (const side of [ada, bob]) {
    await expect(side.message('hello Bob')).toHaveCount(1);
  }
  await expect(bob.message('hello Bob').getByText('Ada', { exact: true })).toBeVisible();
  await bob.openMenu('hello Bob');
  await expect(bob.message('hello Bob').getByRole('link', { name: 'Copy link' })).toBeVisible();
  await expect(bob.message('hello Bob').getByRole('link', { name: 'Edit' })).toHaveCount(0);
  await bob.page.keyboard.press('Escape');

  await (await ada.edit('hello Bob')).fill('hello dear Bob');
  await ada.button('Save').click();
  for (const side of [ada, bob]) {
    await expect(side.message('hello dear Bob')).toHaveCount(1);
    await expect(side.message('hello dear Bob').getByText('edited', { exact: true })).toBeVisible();
    await expect(side.messages).toHaveCount(1);
  }
  await expect(ada.page.getByRole('textbox', { name: 'New text' })).toHaveCount(0);

  await bob.say('hello Ada');
  await expect(ada.message('hello Ada')).toHaveCount(1);
  await ada.deleteMessage('hello dear Bob');
  for (const side of [ada, bob]) {
    await expect(side.message('hello dear Bob')).toHaveCount(0);
    await expect(side.message('This message was deleted.')).toHaveCount(1);
    await expect(side.messages).toHaveCount(2);
    await side.expectSamePage();
  }
});

test('Enter sends and Shift+Enter breaks the line', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Keys')));
  await ada.composer.pressSequentially('one');
  await ada.composer.press('Shift+Enter');
  await ada.composer.pressSequentially('two');
  await expect(ada.composer).toHaveValue('one\ntwo');
  await expect(ada.messages).toHaveCount(0);
  await ada.composer.press('Enter');
  await expect(ada.composer).toHaveValue('');
  await expect(ada.composer).toBeFocused();
  await expect(ada.messages.getByText('one\ntwo')).toHaveText(/one\ntwo/, { useInnerText: true });
});

test('the Send button sends', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Button')));
  await ada.composer.fill('by hand');
  await ada.button('Send').click();
  await expect(ada.message('by hand')).toHaveCount(1);
  await expect(ada.composer).toHaveValue('');
  await ada.expectSamePage();
});

test('a message has its primary key as its id, and is found by it', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Ids'));
  const id = await ada.post(room, 'find me');
  await ada.enter(room);
  await expect(ada.message('find me')).toHaveAttribute('id', `message-${id}`);
  await ada.say('and me');
  await expect(ada.message('and me')).toHaveAttribute('id', /^message-\d+$/);
});

test('Escape cancels an edit', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Escape'));
  await ada.post(room, 'as it was');
  await ada.enter(room);
  const field = await ada.edit('as it was');
  await expect(field).toBeFocused();
  await field.fill('something else');
  await field.press('Escape');
  await expect(field).toHaveCount(0);
  await expect(ada.message('as it was')).toHaveCount(1);
  await expect(ada.page).toHaveURL(`/rooms/${room}`);
  await ada.expectSamePage();
});

test('Enter saves an edit', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Enter'));
  await ada.post(room, 'before');
  await ada.enter(room);
  const field = await ada.edit('before');
  await field.fill('after');
  await field.press('Enter');
  await expect(ada.message('after')).toHaveCount(1);
  await expect(field).toHaveCount(0);
  await ada.expectSamePage();
});

test('links can be followed, and markup and scripts stay text', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Markup'));
  await bob.enter(room);
  await ada.enter(room);
  const evil = '<img src=x onerror="window.broken=1"><script>window.broken=1</script> javascript:window.broken=1';
  await ada.say(`see https://example.org/a?b=c&d=e (really) ${evil}`);
  await ada.page.reload();
  await ada.wire.hears(`private-Room.${room}`);
  for (const side of [ada, bob]) {
    const message = side.message('see https://example.org/');
    await expect(message).toContainText(evil);
    await expect(message.getByRole('paragraph').getByRole('link')).toHaveText(['https://example.org/a?b=c&d=e']);
    const link = message.getByRole('link', { name: 'https://example.org/' });
    await expect(link).toHaveAttribute('href', 'https://example.org/a?b=c&d=e');
    await expect(link).toHaveAttribute('rel', /noopener/);
    await expect(message.locator('img, script')).toHaveCount(0);
    expect(await side.page.evaluate(() => 'broken' in window)).toBe(false);
  }
});

test('of 120 messages 50 are shown, and scrolling up brings the older ones without a jump', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Long'));
  await ada.postNumbers(room, 120);
  await ada.enter(room);
  await expect(ada.messages).toHaveCount(50);
  await expect(ada.message('number 120.')).toBeInViewport();

  for (const [oldest, count] of [[71, 100], [21, 120]] as const) {
    let release = () => {};
    const held = new Promise<void>((go) => { release = go; });
    await ada.page.route('**/api/messages/page', async (route) => { await held; await route.continue(); });
    const asked = ada.page.waitForRequest('**/api/messages/page');
    await ada.page.getByRole('log').press('Home');
    await asked;
    const first = ada.message(`number ${oldest}.`);
    await expect(first).toBeInViewport();
    await expect.poll(() => ada.distanceFromTop()).toBe(0);
    const text = first.getByText('number');
    const before = await text.boundingBox();
    release();
    await expect(ada.messages).toHaveCount(count);
    await expect.poll(async () => (await text.boundingBox())?.y).toBeCloseTo(before?.y ?? NaN, 0);
    await ada.page.unroute('**/api/messages/page');
  }
  await expect(ada.page.getByRole('link', { name: 'Older messages' })).toHaveCount(0);
  await expect(ada.messages.getByText(/^number \d+\.$/)).toHaveText(Array.from({ length: 120 }, (_, index) => `number ${index + 1}.`));
  await ada.expectSamePage();
});

test('older messages that were refused once come when they are asked for again', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Refused'));
  await ada.postMany(room, 60);
  await ada.enter(room);
  ada.guard.expect(422, '/api/messages/page');
  const json = { kind: 'invalid', sentence: 'Not now.' };
  await ada.page.route('**/api/messages/page', (route) => route.fulfill({ status: 422, json }), { times: 1 });
  const refused = ada.page.waitForResponse('**/api/messages/page');
  await ada.page.getByRole('link', { name: 'Older messages' }).click();
  await refused;
  await expect(async () => {
    if (await ada.messages.count() === 50) await ada.page.getByRole('link', { name: 'Older messages' }).click();
    await expect(ada.messages).toHaveCount(60, { timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
});

test('a message that arrives while one reads older ones does not move them', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Still'));
  await ada.postNumbers(room, 40);
  await bob.enter(room);
  await bob.readFromTheTop();
  const first = bob.message('number 1.');
  await expect(first).toBeInViewport();
  const before = await first.boundingBox();
  await ada.post(room, 'news at the end');
  await expect(bob.message('news at the end')).toHaveCount(1);
  await expect.poll(async () => (await first.boundingBox())?.y).toBeCloseTo(before?.y ?? NaN, 0);
  await expect(bob.message('news at the end')).not.toBeInViewport();
});

test('a message that is out of sight is changed without being shown out of place', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Far'));
  const far = await ada.post(room, 'far away');
  await ada.postNumbers(room, 60);
  await ada.enter(room);
  await expect(ada.messages).toHaveCount(50);
  await ada.call('messages/edit', { id: far, body: 'changed far away' });
  await ada.post(room, 'the last word');
  await expect(ada.message('the last word')).toHaveCount(1);
  await expect(ada.message('far away')).toHaveCount(0);
  await expect(ada.messages).toHaveCount(51);
});

test('two tabs of one person show the same', async ({ as }) => {
  const one = await as('bob');
  const two = await one.tab();
  const room = await one.makeRoom(unique('Tabs'));
  await one.enter(room);
  await two.enter(room);
  await one.say('from the first tab');
  await two.say('from the second tab');
  for (const tab of [one, two]) {
    await expect(tab.message('from the first tab')).toHaveCount(1);
    await expect(tab.message('from the second tab')).toHaveCount(1);
  }
  await two.deleteMessage('from the first tab');
  for (const tab of [one, two]) {
    await expect(tab.message('from the first tab')).toHaveCount(0);
    await tab.expectSamePage();
  }
});
