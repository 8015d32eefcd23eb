// Who works without a pointer keeps their place when what they were at has gone from the page.
import { choose, text, tray } from '../support/payloads.ts';
import { expect, test, unique } from '../support/test.ts';

test('after an edit one writes on', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Edit')));
  await ada.say('my word');
  await expect(ada.message('my word')).toHaveAttribute('id', /^message-\d+$/);
  const field = ada.page.getByRole('textbox', { name: 'New text' });
  for (const end of ['Enter', 'Escape']) {
    await ada.composer.press('ArrowUp');
    await expect(field).toBeFocused();
    await field.press(end);
    await expect(field).toHaveCount(0);
    await expect(ada.composer).toBeFocused();
  }
  await ada.composer.press('ArrowUp');
  await field.press('Tab');
  await ada.page.keyboard.press('Tab');
  await ada.page.keyboard.press('Enter');
  await expect(field).toHaveCount(0);
  await expect(ada.composer).toBeFocused();
});

test('after a reaction or a deletion one is at the message', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Message'));
  const id = await ada.post(room, 'my word');
  await ada.enter(room);
  const message = ada.page.locator(`#message-${id}`);
  await (await ada.openMenu('my word')).locator('.menu').getByRole('link', { name: 'React' }).press('Enter');
  const emoji = ada.page.getByRole('textbox', { name: 'Any emoji' });
  await expect(emoji).toBeFocused();
  await emoji.fill('🥔');
  await emoji.press('Enter');
  await expect(emoji).toHaveCount(0);
  await expect(message).toBeFocused();
  await ada.openMenu('my word');
  await message.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
  await message.getByRole('button', { name: 'Yes, delete it' }).press('Enter');
  await expect(message).toContainText('This message was deleted.');
  await expect(message).toBeFocused();
});

test('after a file is taken back, or a message discarded or sent again, one writes on', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Write on')));
  await choose(ada, [text('one.txt')]);
  await ada.button('Remove one.txt').press('Enter');
  await expect(tray(ada)).toHaveCount(0);
  await expect(ada.composer).toBeFocused();
  ada.guard.allow(/messages\/post/);
  await ada.page.route('**/api/messages/post', (route) => route.abort('connectionreset'));
  await ada.say('does not get through');
  await ada.button('Try again').press('Enter');
  await expect(ada.composer).toBeFocused();
  await ada.button('Discard').press('Enter');
  await expect(ada.messages).toHaveCount(0);
  await expect(ada.composer).toBeFocused();
});
