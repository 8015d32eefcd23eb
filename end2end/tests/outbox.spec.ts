// What is written belongs to the page: it reaches the room for which it was meant, in its order, also while one reads another.
import { expect, test, unique, type Visitor } from '../support/test.ts';

const kept = ({ page }: Visitor) => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));

/** The room of each post, and its text. */
function posts({ page }: Visitor): [string | null, string | null][] {
  const all: [string | null, string | null][] = [];
  page.on('request', (request) => {
    if (!request.url().endsWith('/api/messages/post')) return;
    const form = new URLSearchParams(request.postData() ?? '');
    all.push([form.get('room'), form.get('body')]);
  });
  return all;
}

test('what is typed while the next room is on its way does not get into the one before', async ({ as }) => {
  const ada = await as('ada');
  const [here, there] = [unique('Here'), unique('There')];
  const [one, two] = [await ada.makeRoom(here), await ada.makeRoom(there)];
  await ada.enter(one);
  const posted = posts(ada);
  const release = await ada.hold('**/api/rooms/get', '**/api/messages/page');
  const field = await ada.composer.boundingBox();
  await ada.composer.focus();
  await ada.room(there).click();
  await expect(ada.page).toHaveURL(`/rooms/${two}`);
  await expect(ada.heading(here)).toBeVisible();
  await ada.page.mouse.click(field!.x + 20, field!.y + 10);
  await ada.page.keyboard.type('too early');
  await ada.page.keyboard.press('Enter');
  release();
  await expect(ada.heading(there)).toBeVisible();
  await ada.say('in time');
  await expect(ada.message('in time')).toHaveAttribute('id', /^message-\d+$/);
  expect(posted).toEqual([[String(two), 'in time']]);
  await ada.enter(one);
  await expect(ada.composer).toHaveValue('');
  await expect(ada.messages).toHaveCount(0);
});

test('messages that wait are sent in their order while their author reads another room', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const [here, there] = [unique('Here'), unique('There')];
  const [one] = [await ada.makeRoom(here), await ada.makeRoom(there)];
  const texts = ['first', 'second', 'third'];
  for (const visitor of [ada, bob]) await visitor.enter(one);
  // Twenty seconds later it would count as failed.
  const release = await ada.hold('**/api/messages/post');
  for (const text of texts) await ada.say(text);
  await ada.room(there).click();
  await expect(ada.heading(there)).toBeVisible();
  release();
  await expect(bob.messages.getByText(/^(first|second|third)$/)).toHaveText(texts);
  await ada.room(here).click();
  await expect(ada.heading(here)).toBeVisible();
  await expect(ada.messages.getByText(/^(first|second|third)$/)).toHaveText(texts);
  await expect(ada.page.getByText('Sending …')).toHaveCount(0);
  await ada.expectSamePage();
});

test('what has not got through is marked in the list of rooms, and what comes later does not overtake it', async ({ as }) => {
  const ada = await as('ada');
  const [here, there] = [unique('Here'), unique('There')];
  const [one] = [await ada.makeRoom(here), await ada.makeRoom(there)];
  await ada.enter(one);
  ada.guard.allow(/messages\/post/);
  await ada.page.route('**/api/messages/post', (route) => route.abort('connectionreset'));
  await ada.say('first');
  await expect(ada.message('first').getByRole('alert')).toContainText('Not sent.');
  await ada.room(there).click();
  await expect(ada.heading(there)).toBeVisible();
  await expect(ada.room(here)).toHaveAccessibleDescription(/a message was not sent/);
  await expect(ada.room(here).getByTitle('A message was not sent')).toBeVisible();
  await expect(ada.room(there)).not.toHaveAccessibleDescription(/not sent/);
  await ada.room(here).click();
  await ada.page.unrouteAll();
  await expect(ada.message('first')).toHaveCount(1);
  await ada.say('second');
  await expect(ada.message('second')).toHaveAttribute('id', /^message-\d+$/);
  await expect(ada.messages.getByText(/^(first|second)$/)).toHaveText(['first', 'second']);
  await expect(ada.room(here)).not.toHaveAccessibleDescription(/not sent/);
  await ada.page.reload();
  await expect(ada.messages.getByText(/^(first|second)$/)).toHaveText(['first', 'second']);
});

test('whoever closes the page before all is sent is asked', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Closing')));
  const release = await ada.hold('**/api/messages/post');
  await ada.say('on its way');
  const asked = ada.page.waitForEvent('dialog');
  await ada.page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  release();
  await expect(ada.message('on its way')).toHaveAttribute('id', /^message-\d+$/);
  const closed = ada.page.waitForEvent('close');
  await ada.page.close({ runBeforeUnload: true });
  await closed;
});

test('a message to a room that has gone meanwhile is shown beside the rooms until its author discards it', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Gone'));
  await bob.enter(room);
  bob.guard.allow(/^answer 404: /);
  const release = await bob.hold('**/api/messages/post');
  await bob.say('what I always wanted to say');
  await ada.call('rooms/delete', { id: room });
  await expect(bob.page.getByText('Ada has deleted this room.')).toBeVisible();
  release();
  const lost = bob.page.getByRole('list', { name: 'Messages to rooms that are gone' }).getByRole('listitem');
  await expect(lost).toContainText('what I always wanted to say');
  await expect(lost.getByRole('alert')).toContainText('Not sent.');
  await bob.page.reload();
  await bob.wire.hears('private-Team.1');
  await lost.getByRole('button', { name: 'Discard' }).click();
  await expect(lost).toHaveCount(0);
  const closed = bob.page.waitForEvent('close');
  await bob.page.close({ runBeforeUnload: true });
  await closed;
});

test('signing out leaves nothing behind: not what waits, not in another tab, and not on the way back', async ({ anyone, as }) => {
  const room = await (await as('ada')).makeRoom(unique('Left'));
  const visitor = await anyone();
  visitor.guard.allow(/^answer 40[13]: /, /messages\/post/);
  await visitor.page.goto(`/rooms/${room}`);
  await visitor.signIn('dan@example.org');
  await visitor.wire.hears(`private-Room.${room}`);
  const other = await visitor.tab();
  await other.enter(room);
  for (const [tab, text] of [[visitor, 'for my eyes only'], [other, 'nor for yours']] as const) {
    await tab.hold('**/api/messages/post');
    await tab.say(text);
    await expect.poll(() => kept(tab)).toContain(text);
    await tab.composer.fill(`${text}, a draft`);
    await expect.poll(() => kept(tab)).toContain('a draft');
  }
  await visitor.button('Sign out').click();
  await expect(visitor.page).toHaveURL('/sign-in');
  await expect(other.heading('You are signed out')).toBeVisible();
  for (const tab of [visitor, other]) {
    await expect.poll(() => kept(tab)).not.toMatch(/eyes|yours|draft/);
  }
  await visitor.page.goBack();
  await expect(visitor.page.getByLabel('Email')).toBeVisible();
  await expect(visitor.page.getByText('eyes only')).toHaveCount(0);
});
