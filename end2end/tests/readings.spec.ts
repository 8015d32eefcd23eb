// What is unread: counted while others speak, gone once it was read, on all of one's pages.
import { type Locator } from '@playwright/test';
import { expect, test, unique, type Visitor } from '../support/test.ts';

const entry = (visitor: Visitor, room: string): Locator =>
  visitor.nav.getByRole('listitem').filter({ has: visitor.page.getByRole('link', { name: room, exact: true }) });
const badge = (visitor: Visitor, room: string) => entry(visitor, room).locator('.badge:not(.addressed)');
const newLine = (visitor: Visitor) => visitor.page.getByText('New since you were here');

async function setLevel(visitor: Visitor, room: number, level: string): Promise<void> {
  await visitor.page.goto(`/rooms/${room}/settings`);
  await visitor.wire.hears(`private-Room.${room}`);
  await visitor.page.getByRole('radio', { name: level }).check();
  await visitor.button('Save').click();
  await expect(visitor.page.getByText('Saved.')).toBeVisible();
}

test('what others say is counted in the list of rooms until one reads it, in every tab', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const [name, elsewhere] = [unique('Unread'), unique('Elsewhere')];
  const room = await ada.makeRoom(name, ['bob']);
  const other = await bob.makeRoom(elsewhere, []);
  const second = await bob.tab();
  await bob.enter(other);
  await second.enter(other);
  await expect(badge(bob, name)).toHaveCount(0);
  for (const text of ['one', 'two', 'three']) await ada.post(room, text);
  for (const tab of [bob, second]) {
    await expect(badge(tab, name)).toHaveText('3');
    await expect(tab.room(name)).toHaveAttribute('aria-description', 'Members only, 3 unread');
  }
  // What one says oneself is not.
  await bob.post(room, 'mine');
  await ada.post(room, 'four');
  await expect(badge(bob, name)).toHaveText('4');
  // The server has counted the same.
  await second.page.reload();
  await expect(badge(second, name)).toHaveText('4');

  await bob.room(name).click();
  await expect(bob.message('four')).toBeVisible();
  for (const tab of [bob, second]) await expect(badge(tab, name)).toHaveCount(0);
  await ada.post(room, 'five');
  await expect(bob.message('five')).toBeVisible();
  await expect(badge(bob, name)).toHaveCount(0);
  await expect.poll(async () => {
    const list = (await bob.call('rooms/list', {})) as { rooms: { id: number; reading: { unread: number } }[] };
    return list.rooms.find(({ id }) => id === room)?.reading.unread;
  }).toBe(0);
  await expect(badge(second, name)).toHaveCount(0);
});

test('a line tells where the new begins, and stays there', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const [name, elsewhere] = [unique('Line'), unique('Elsewhere')];
  const room = await ada.makeRoom(name, ['bob']);
  const other = await bob.makeRoom(elsewhere, []);
  await ada.post(room, 'said before');
  await bob.enter(room);
  await expect(newLine(bob)).toHaveCount(1);
  await bob.room(elsewhere).click();
  await bob.wire.hears(`private-Room.${other}`);
  await expect(badge(bob, name)).toHaveCount(0);
  await ada.post(room, 'new to Bob');
  await expect(badge(bob, name)).toHaveText('1');
  await bob.room(name).click();
  await expect(newLine(bob)).toBeVisible();
  const order = () => bob.page.locator('.new-line, .message .body').allInnerTexts();
  await expect.poll(order).toEqual(['said before', 'New since you were here', 'new to Bob']);
  await ada.post(room, 'said while Bob looks');
  await expect.poll(order).toEqual(['said before', 'New since you were here', 'new to Bob', 'said while Bob looks']);

  // Who has read all of it finds no line, and none comes while one looks.
  const unread = async () => ((await bob.call('rooms/get', { id: room })) as { reading: { unread: number } }).reading.unread;
  await expect.poll(unread).toBe(0);
  await bob.room(elsewhere).click();
  await expect(bob.heading(elsewhere)).toBeVisible();
  await bob.room(name).click();
  await expect(bob.message('said while Bob looks')).toBeVisible();
  await expect(newLine(bob)).toHaveCount(0);
  await ada.post(room, 'and this');
  await expect(bob.message('and this')).toBeVisible();
  await expect(newLine(bob)).toHaveCount(0);
});

test('a message is marked as unread, and what follows with it, until one comes back', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const [name, elsewhere] = [unique('Again'), unique('Elsewhere')];
  const room = await ada.makeRoom(name, ['bob']);
  await bob.makeRoom(elsewhere, []);
  for (const text of ['the first', 'the second', 'the third']) await ada.post(room, text);
  const read = () => bob.page.waitForResponse((answer) => answer.url().endsWith('/api/readings/mark') && answer.ok());
  const first = read();
  await bob.enter(room);
  await first;
  const message = bob.message('the second');
  await message.hover();
  await message.getByRole('button', { name: 'More actions' }).click();
  await message.getByRole('button', { name: 'Mark as unread' }).click();
  await expect(badge(bob, name)).toHaveText('2');
  await expect(newLine(bob)).toHaveCount(1);
  await bob.room(elsewhere).click();
  await expect(badge(bob, name)).toHaveText('2');
  const again = read();
  await bob.room(name).click();
  await expect(newLine(bob)).toBeVisible();
  await expect(badge(bob, name)).toHaveCount(0);
  await again;
});

test('one chooses for each room how much of it one wants to hear', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const [name, elsewhere] = [unique('Quiet'), unique('Elsewhere')];
  const room = await ada.makeRoom(name, ['bob']);
  const other = await bob.makeRoom(elsewhere, []);
  const toast = bob.page.getByRole('status').getByRole('link');

  await setLevel(bob, room, 'Mentions');
  await bob.enter(other);
  await expect(entry(bob, name)).toHaveClass(/muted/);
  await ada.post(room, 'to nobody');
  await ada.post(room, 'to @Bob');
  await expect(toast).toHaveCount(1);
  await expect(entry(bob, name).locator('.badge.addressed')).toHaveText('1');
  await expect(badge(bob, name)).toHaveCount(0);

  await setLevel(bob, room, 'Nothing');
  await expect(bob.page.getByRole('radio', { name: 'Nothing' })).toBeChecked();
  await bob.enter(other);
  const last = await ada.post(room, 'to @Bob and @everyone');
  await bob.wire.hears(`private-Room.${room}`);
  await expect.poll(() => bob.wire.heard('posted', `private-Room.${room}`).some(({ data }) => data.id === last)).toBe(true);
  await expect(entry(bob, name).locator('.badge.addressed')).toHaveText('1');
  await expect(bob.page.getByRole('status').getByRole('link')).toHaveCount(0);
});

test('what was seen while the message before it was being marked is read, also when one leaves', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const [name, elsewhere] = [unique('Lively'), unique('Elsewhere')];
  const room = await ada.makeRoom(name, ['bob']);
  await bob.makeRoom(elsewhere, []);
  await bob.enter(room);
  const release = await bob.hold('**/api/readings/mark');
  const marking = bob.page.waitForRequest('**/api/readings/mark');
  await ada.post(room, 'first');
  await marking;
  await ada.post(room, 'second');
  await expect(bob.message('second')).toBeVisible();
  await bob.room(elsewhere).click();
  await expect(bob.heading(elsewhere)).toBeVisible();
  release();
  await expect.poll(async () => {
    const list = (await bob.call('rooms/list', {})) as { rooms: { id: number; reading: { unread: number } }[] };
    return list.rooms.find(({ id }) => id === room)?.reading.unread;
  }).toBe(0);
  await expect(badge(bob, name)).toHaveCount(0);
});

test('a level that is chosen while another is saved is not called saved', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Levels'));
  await ada.page.goto(`/rooms/${room}/settings`);
  await ada.wire.hears(`private-Room.${room}`);
  const level = (name: string) => ada.page.getByRole('radio', { name });
  const form = ada.page.locator('form.levels');
  const said = form.getByRole('status');
  const release = await ada.hold('**/api/readings/set_level');
  await level('Mentions').check();
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toHaveAttribute('aria-busy', 'true');
  await level('Nothing').check();
  release();
  await expect(form).not.toHaveAttribute('aria-busy');
  await expect(said).toHaveText('');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(said).toHaveText('Saved.');
  await level('Everything').check();
  await expect(said).toHaveText('');
  await ada.page.reload();
  await expect(level('Nothing')).toBeChecked();
});
