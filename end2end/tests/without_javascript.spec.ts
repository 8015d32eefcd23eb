// Everything but the live updates works without JavaScript.
import { expect, people, test, unique } from '../support/test.ts';

const plain = { javaScriptEnabled: false };

test('one signs in, reads, posts, edits, deletes and signs out', async ({ anyone, as }) => {
  const room = await (await as('bob')).makeRoom(unique('Plain'));
  await (await as('bob')).post(room, 'read this');
  const ada = await anyone(plain);
  await ada.page.goto(`/rooms/${room}`);
  await ada.signIn(people.ada.email);
  await expect(ada.page).toHaveURL(`/rooms/${room}`);
  await expect(ada.message('read this')).toHaveCount(1);

  await ada.composer.fill('written\nby hand');
  await ada.button('Send').click();
  await expect(ada.message('by hand')).toHaveCount(1);
  await expect(ada.page).toHaveURL(`/rooms/${room}`);
  await expect(ada.composer).toHaveValue('');

  const field = await ada.edit('by hand');
  await expect(field).toHaveValue('written\nby hand');
  await field.fill('written anew');
  await ada.button('Save').click();
  await expect(ada.message('written anew').getByText('edited', { exact: true })).toBeVisible();
  await expect(ada.page).toHaveURL(new RegExp(`/rooms/${room}\\?at=\\d+#message-\\d+$`));
  await expect(field).toHaveCount(0);

  await ada.deleteMessage('written anew');
  await expect(ada.message('written anew')).toHaveCount(0);
  await expect(ada.message('read this')).toHaveCount(1);

  await ada.button('Sign out').click();
  await expect(ada.page).toHaveURL('/sign-in');
});

test('an edit is cancelled by a link', async ({ as }) => {
  const ada = await as('ada', plain);
  const room = await ada.makeRoom(unique('Cancel'));
  await ada.post(room, 'as it was');
  await ada.page.goto(`/rooms/${room}`);
  await (await ada.edit('as it was')).fill('something else');
  await ada.page.getByRole('link', { name: 'Cancel', exact: true }).click();
  await expect(ada.page).toHaveURL(`/rooms/${room}`);
  await expect(ada.message('as it was')).toHaveCount(1);
});

test('older messages are behind a link, and the newest behind another', async ({ as }) => {
  const ada = await as('ada', plain);
  const room = await ada.makeRoom(unique('Older'));
  await ada.postNumbers(room, 60);
  await ada.page.goto(`/rooms/${room}`);
  await expect(ada.messages).toHaveCount(50);
  await expect(ada.message('number 60.')).toBeInViewport();
  await ada.page.getByRole('link', { name: 'Older messages' }).click();
  await expect(ada.messages).toHaveCount(10);
  await expect(ada.messages.getByText(/^number/)).toHaveText(Array.from({ length: 10 }, (_, i) => `number ${i + 1}.`));
  await expect(ada.page.getByRole('link', { name: 'Older messages' })).toHaveCount(0);
  await ada.page.getByRole('link', { name: 'To the newest' }).click();
  await expect(ada.messages).toHaveCount(50);
});

test('one makes a room, renames it, fills it, and deletes it', async ({ as }) => {
  const ada = await as('ada', plain);
  const [name, later] = [unique('Made'), unique('Renamed')];
  await ada.page.goto('/rooms/new');
  await ada.page.getByLabel('Room name').fill(name);
  await ada.page.getByRole('checkbox', { name: 'Closed' }).check();
  await ada.button('Create room').click();
  await expect(ada.heading(name)).toBeVisible();
  await ada.page.getByRole('link', { name: 'Settings' }).click();
  await ada.page.getByLabel('Person').selectOption('Dan');
  await ada.button('Add to room').click();
  await expect(ada.button('Remove Dan')).toBeVisible();
  await ada.page.getByLabel('Room name').fill(later);
  await ada.button('Rename').click();
  await expect(ada.room(later)).toHaveCount(1);
  await ada.button('Delete room').click();
  await ada.button('Yes, delete it').click();
  await expect(ada.page).toHaveURL('/rooms');
  await expect(ada.room(later)).toHaveCount(0);
});

test('an administrator takes live updates away and gives them back', async ({ as }) => {
  const ada = await as('ada', plain);
  await ada.page.goto(`/people/${people.cleo.id}`);
  await ada.button('Turn off live updates: Cleo').click();
  await expect(ada.page.getByText('Live updates off')).toBeVisible();
  await expect(ada.page).toHaveURL(`/people/${people.cleo.id}`);
  await ada.button('Turn on live updates: Cleo').click();
  await expect(ada.page.getByText('Live updates on', { exact: true })).toBeVisible();
});

for (const [what, text, sentence] of [
  ['an empty message', '  ', 'Please write something first.'],
  ['a message that is too long', 'ä'.repeat(10_001), 'This message has 10001 characters; 10000 is the most.'],
]) {
  test(`${what} is refused with 422, told, and kept`, async ({ as }) => {
    const ada = await as('ada', plain);
    const room = await ada.makeRoom(unique('Refused'));
    ada.guard.expect(422, '/api/messages/post');
    await ada.page.goto(`/rooms/${room}`);
    await ada.composer.fill(text);
    await ada.button('Send').click();
    await expect(ada.page.getByRole('alert')).toHaveText(sentence);
    await expect(ada.composer).toHaveValue(text);
    await expect(ada.messages).toHaveCount(0);
    await ada.composer.fill('better');
    await ada.button('Send').click();
    await expect(ada.message('better')).toHaveCount(1);
    await expect(ada.page).toHaveURL(`/rooms/${room}`);
  });
}

test('a refused edit keeps what was typed', async ({ as }) => {
  const ada = await as('ada', plain);
  const room = await ada.makeRoom(unique('Refused'));
  await ada.post(room, 'as it was');
  ada.guard.expect(422, '/api/messages/edit');
  await ada.page.goto(`/rooms/${room}`);
  const [field, long] = [await ada.edit('as it was'), 'x'.repeat(10_001)];
  await field.fill(long);
  await ada.button('Save').click();
  await expect(ada.page.getByRole('alert')).toContainText('10001 characters');
  await expect(field).toHaveValue(long);
});
