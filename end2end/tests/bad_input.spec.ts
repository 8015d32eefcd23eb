// What is refused is told in a sentence, and nothing that was typed is lost.
import { expect, test, unique } from '../support/test.ts';

test('a message that is too long keeps its text and is told, until it is short enough', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Long')));
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

test('what one says about oneself is not cut, but refused with a sentence', async ({ as }) => {
  const ada = await as('ada');
  ada.guard.expect(422, '/api/profiles/save');
  await ada.page.goto('/me');
  await ada.wire.hears('private-Team.1');
  const [about, long] = [ada.page.getByLabel('About you'), 'w'.repeat(501)];
  await about.fill(long);
  await ada.button('Save profile').click();
  await expect(ada.page.getByRole('alert')).toContainText('501 characters');
  await expect(about).toHaveValue(long);
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
