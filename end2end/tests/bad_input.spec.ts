// What is refused, or does not get through, is told in a sentence, and nothing that was typed is lost.
import { expect, test, unique } from '../support/test.ts';

const UNREACHABLE = 'The server cannot be reached. Please try again.';

test('a message that is too long keeps its text and is told, until it is short enough', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Long')));
  ada.guard.expect(422, '/api/messages/post');
  const long = `${'y'.repeat(10_000)}!`;
  await ada.composer.fill(long);
  await ada.composer.press('Enter');
  await expect(ada.page.getByRole('alert')).toHaveText('This message has 10001 characters; 10000 is the most.');
  await expect(ada.composer).toHaveValue(long);
  await expect(ada.messages).toHaveCount(0);
  await ada.say(long.slice(0, -1));
  await expect(ada.message('yyy')).toHaveCount(1);
  await expect(ada.page.getByRole('alert')).toHaveCount(0);
  await ada.expectSamePage();
});

test('a message of spaces is refused with a sentence', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Empty')));
  ada.guard.expect(422, '/api/messages/post');
  await ada.composer.fill('   ');
  await ada.composer.press('Enter');
  await expect(ada.page.getByRole('alert')).toHaveText('Please write something first.');
  await expect(ada.messages).toHaveCount(0);
  await ada.expectSamePage();
});

test('an edit that is too long keeps its text and is told', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Edit'));
  await ada.post(room, 'short');
  await ada.enter(room);
  ada.guard.expect(422, '/api/messages/edit');
  const [field, long] = [await ada.edit('short'), 'z'.repeat(10_001)];
  await field.fill(long);
  await ada.button('Save').click();
  await expect(ada.page.getByRole('alert')).toContainText('10001 characters');
  await expect(field).toHaveValue(long);
});

test('while the server is away a message keeps its text and is told, and goes through once it is back', async ({ as, server }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Away')));
  ada.guard.allowOutage();
  await server.stop();
  await ada.composer.fill('is anybody there?');
  await ada.composer.press('Enter');
  await expect(ada.page.getByRole('alert')).toHaveText(UNREACHABLE);
  await expect(ada.composer).toHaveValue('is anybody there?');
  await server.start();
  await ada.composer.press('Enter');
  await expect(ada.composer).toHaveValue('');
  await expect(ada.message('is anybody there?')).toHaveCount(1);
  await expect(ada.page.getByRole('alert')).toHaveCount(0);
  await ada.expectSamePage();
});

test('a message whose answer got lost is still one message when it is sent again', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Twice'));
  await ada.enter(room);
  ada.guard.allow(/^request failed: POST \/api\/messages\/post net::ERR_CONNECTION_RESET$/, /messages\/post/);
  await ada.page.route('**/api/messages/post', async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  }, { times: 1 });
  await ada.composer.fill('only once');
  await ada.composer.press('Enter');
  await expect(ada.page.getByRole('alert')).toHaveText(UNREACHABLE);
  await expect(ada.composer).toHaveValue('only once');
  await ada.composer.press('Enter');
  await expect(ada.composer).toHaveValue('');
  await ada.say('and another');
  await expect(ada.message('and another')).toHaveCount(1);
  await expect(ada.message('only once')).toHaveCount(1);
  await ada.page.reload();
  await expect(ada.messages).toHaveCount(2);
});

test('Enter that is pressed again while a message is on its way sends nothing more', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Impatient')));
  let release = () => {};
  const held = new Promise<void>((go) => { release = go; });
  let posts = 0;
  await ada.page.route('**/api/messages/post', async (route) => { posts += 1; await held; await route.continue(); });
  await ada.composer.fill('patience');
  await ada.composer.press('Enter');
  await expect(ada.button('Send')).toBeDisabled();
  await ada.composer.press('Enter');
  await ada.composer.press('Enter');
  release();
  await expect(ada.composer).toHaveValue('');
  await expect(ada.message('patience')).toHaveCount(1);
  await ada.say('next');
  await expect(ada.messages).toHaveCount(2);
  expect(posts).toBe(2);
});

test('a room without a name is refused with a sentence, and keeps the tick', async ({ as }) => {
  const ada = await as('ada');
  ada.guard.expect(422, '/api/rooms/create');
  await ada.page.goto('/rooms/new');
  await ada.wire.hears('private-Team.1');
  await ada.page.getByLabel('Room name').fill('   ');
  await ada.page.getByRole('checkbox', { name: 'Closed' }).check();
  await ada.button('Create room').click();
  await expect(ada.page.getByRole('alert')).toBeVisible();
  await expect(ada.page.getByRole('checkbox', { name: 'Closed' })).toBeChecked();
  await expect(ada.page).toHaveURL('/rooms/new');
});
