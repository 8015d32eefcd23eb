// What is written and not sent yet: text, files and the message that it answers stay together until their author sends them.
import { type JSHandle } from '@playwright/test';
import { choose, text, tray } from '../support/payloads.ts';
import { expect, test, unique, type Visitor } from '../support/test.ts';

async function answer(visitor: Visitor, message: string): Promise<void> {
  const menu = await visitor.openMenu(message);
  await menu.locator('.menu').getByRole('link', { name: 'Answer' }).click();
  await expect(visitor.composer).toBeFocused();
}

test('files stay attached when one goes to another place in the room, or to another room and back', async ({ as }) => {
  const ada = await as('ada');
  const [here, there] = [unique('Here'), unique('There')];
  const [one] = [await ada.makeRoom(here), await ada.makeRoom(there)];
  const id = await ada.post(one, 'a word');
  await ada.enter(one);
  await choose(ada, [text('kept.txt')]);
  await expect(tray(ada)).toHaveText(/kept\.txt/);
  await ada.message('a word').locator('.when').click();
  await expect(ada.page).toHaveURL(`/rooms/${one}?at=${id}#message-${id}`);
  await expect(tray(ada)).toHaveText(/kept\.txt/);
  await ada.room(there).click();
  await expect(ada.heading(there)).toBeVisible();
  await expect(tray(ada)).toHaveCount(0);
  await ada.room(here).click();
  await expect(ada.heading(here)).toBeVisible();
  await expect(tray(ada)).toHaveText(/kept\.txt/);
  await ada.say('with a file');
  await expect(ada.message('with a file').getByRole('link', { name: 'kept.txt' })).toBeVisible();
  await expect(tray(ada)).toHaveCount(0);
  await ada.expectSamePage();
});

test('an answer that waits for its files is sent as one while its author reads another room', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const [here, there] = [unique('Here'), unique('There')];
  const [one] = [await ada.makeRoom(here), await ada.makeRoom(there)];
  await ada.post(one, 'a question');
  for (const visitor of [ada, bob]) await visitor.enter(one);
  const release = await ada.hold('**/files?*');
  await answer(ada, 'a question');
  await choose(ada, [text('proof.txt')]);
  await ada.composer.fill('see for yourself');
  await ada.composer.press('Enter');
  await expect(ada.page.getByText('sent once the files are there')).toBeVisible();
  await ada.room(there).click();
  await expect(ada.heading(there)).toBeVisible();
  const asked = ada.page.waitForEvent('dialog');
  await ada.page.close({ runBeforeUnload: true });
  await (await asked).dismiss();
  release();
  const sent = bob.message('see for yourself');
  await expect(sent.getByRole('link', { name: 'proof.txt' })).toBeVisible();
  await expect(sent.getByRole('link', { name: 'In answer to Ada a question' })).toBeVisible();
  await ada.room(here).click();
  await expect(ada.heading(here)).toBeVisible();
  await expect(ada.composer).toHaveValue('');
  await expect(tray(ada)).toHaveCount(0);
  await expect(ada.page.getByText('Answering')).toHaveCount(0);
  await ada.expectSamePage();
});

test('a message whose file does not get through while its author is elsewhere waits for them, and the list says so', async ({ as }) => {
  const ada = await as('ada');
  const [here, there] = [unique('Here'), unique('There')];
  const [one] = [await ada.makeRoom(here), await ada.makeRoom(there)];
  await ada.enter(one);
  ada.guard.allow(/\/files\b/);
  let fail = () => {};
  const failed = new Promise<void>((go) => { fail = go; });
  await ada.page.route('**/files?*', async (route) => { await failed; await route.abort('connectionreset'); });
  await choose(ada, [text('stubborn.txt')]);
  await ada.composer.fill('with a file');
  await ada.composer.press('Enter');
  await expect(ada.page.getByText('sent once the files are there')).toBeVisible();
  await ada.room(there).click();
  await expect(ada.heading(there)).toBeVisible();
  fail();
  await expect(ada.room(here)).toHaveAccessibleDescription(/a message was not sent/);
  await ada.room(here).click();
  await expect(ada.page.getByText('A file has not got through.')).toBeVisible();
  await expect(ada.composer).toHaveValue('with a file');
  await ada.button('Remove stubborn.txt').click();
  await ada.composer.press('Enter');
  await expect(ada.message('with a file')).toHaveAttribute('id', /^message-\d+$/);
  await expect(ada.room(here)).not.toHaveAccessibleDescription(/not sent/);
});

test('an answer stays one when its author reacts, looks elsewhere, or loads the page again', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Answer'));
  const asked = await ada.post(room, 'a question');
  await ada.postNumbers(room, 120);
  await ada.page.goto(`/rooms/${room}?at=${asked}`);
  await ada.wire.hears(`private-Room.${room}`);
  await answer(ada, 'a question');
  await ada.composer.fill('an answer');
  await (await ada.openMenu('number 2.')).locator('.menu').getByRole('link', { name: 'React' }).click();
  await ada.page.getByRole('group', { name: 'React' }).getByRole('link', { name: 'Cancel' }).click();
  const quote = ada.page.locator('.replying');
  await expect(quote).toContainText('a question');
  await ada.page.getByRole('link', { name: 'To the newest' }).click();
  await expect(ada.message('number 120.')).toBeVisible();
  await expect(quote).toContainText('a question');
  await ada.page.reload();
  await ada.wire.hears(`private-Room.${room}`);
  await expect(quote).toContainText('a question');
  await ada.composer.press('Enter');
  await expect(ada.message('an answer').getByRole('link', { name: 'In answer to Ada a question' })).toBeVisible();
  await expect(quote).toHaveCount(0);
  await ada.say('and another word');
  await expect(ada.message('and another word').locator('.quote')).toHaveCount(0);
});

test('an edit under way is kept until it is saved or cancelled', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Edit'));
  for (const body of ['as it was', 'another']) await ada.post(room, body);
  await ada.enter(room);
  const field = ada.page.getByRole('textbox', { name: 'New text' });
  await (await ada.edit('as it was')).fill('half of it');
  await answer(ada, 'another');
  await expect(field).toHaveCount(0);
  await ada.composer.press('Escape');
  await ada.edit('as it was');
  await expect(field).toHaveValue('half of it');
  await field.fill('two thirds of it');
  await ada.page.reload();
  await ada.wire.hears(`private-Room.${room}`);
  await expect(field).toHaveValue('two thirds of it');
  await ada.page.getByRole('link', { name: 'Cancel' }).click();
  await expect(field).toHaveCount(0);
  await ada.edit('as it was');
  await expect(field).toHaveValue('as it was');
  await field.fill('all of it');
  await field.press('Enter');
  await expect(ada.message('all of it')).toHaveCount(1);
  await ada.edit('all of it');
  await expect(field).toHaveValue('all of it');
});

test('an edit that was refused before the page was live is kept until it is saved or cancelled', async ({ as }) => {
  const ada = await as('ada');
  const [here, there] = [unique('Here'), unique('There')];
  const [room] = [await ada.makeRoom(here), await ada.makeRoom(there)];
  const id = await ada.post(room, 'as it was');
  ada.guard.expect(422, '/api/messages/edit');
  const release = await ada.hold('**/*.wasm');
  const editing = `/rooms/${room}?edit=${id}`;
  await ada.page.goto(editing);
  const field = ada.page.getByRole('textbox', { name: 'New text' });
  const long = 'much too long '.repeat(1_000);
  await field.fill(long);
  await ada.button('Save').click();
  await expect(ada.page.getByRole('main').getByRole('alert')).toContainText('characters');
  release();
  await ada.wire.hears(`private-Room.${room}`);
  await expect(field).toHaveValue(long);
  await ada.room(there).click();
  await expect(ada.heading(there)).toBeVisible();
  await ada.room(here).click();
  await expect(ada.heading(here)).toBeVisible();
  await ada.edit('as it was');
  await expect(field).toHaveValue(long);
});

test('a draft that the browser has no room for stays as long as the page', async ({ as }) => {
  const ada = await as('ada');
  const [here, there] = [unique('Here'), unique('There')];
  const [room] = [await ada.makeRoom(here), await ada.makeRoom(there)];
  await ada.enter(room);
  await ada.composer.fill('an older text');
  await ada.page.evaluate(() => {
    for (let part = 'x'.repeat(1_000_000); part.length > 0;) {
      try { localStorage.setItem(`full.${part.length}.${localStorage.length}`, part); } catch { part = part.slice(part.length / 2 + 1); }
    }
  });
  const newer = 'a newer text, longer than what is left';
  await ada.composer.fill(newer);
  const back = async () => {
    await ada.room(there).click();
    await expect(ada.heading(there)).toBeVisible();
    await ada.room(here).click();
    await expect(ada.heading(here)).toBeVisible();
  };
  await back();
  await expect(ada.composer).toHaveValue(newer);
  await ada.composer.press('Enter');
  await expect(ada.message(newer)).toHaveAttribute('id', /^message-\d+$/);
  await back();
  await expect(ada.composer).toHaveValue('');
});

test('an answer that is sent while its page becomes live is one, and the message behind it is none', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Answered early'));
  const asked = await ada.post(room, 'a question');
  // A page becomes live in turns, between which it waits for the shortest time there is.
  await ada.page.addInitScript(() => {
    const [turns, later] = [[] as (() => void)[], window.setTimeout];
    const wait = (then: () => void, time?: number) => (time === 0 ? turns.push(then) : later(then, time));
    const goOn = () => { window.setTimeout = later; turns.splice(0).forEach((turn) => turn()); };
    Object.assign(window, { setTimeout: wait, turns, goOn });
  });
  await ada.page.goto(`/rooms/${room}?reply=${asked}`);
  const turns = () => ada.page.evaluateHandle('turns') as Promise<JSHandle<(() => void)[]>>;
  await expect.poll(async () => (await turns()).evaluate((all) => all.length)).toBe(1);
  await (await turns()).evaluate((all) => all.shift()!());
  await ada.composer.fill('an answer');
  await ada.composer.press('Enter');
  await ada.page.evaluate('goOn()');
  await expect(ada.message('an answer').getByRole('link', { name: 'In answer to Ada a question' })).toBeVisible();
  await expect(ada.page.locator('.replying')).toHaveCount(0);
  await ada.say('and another word');
  await expect(ada.message('and another word')).toHaveAttribute('id', /^message-\d+$/);
  await expect(ada.message('and another word').locator('.quote')).toHaveCount(0);
});

test('a draft is the same in every tab, and gone in all of them once it was sent', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Two tabs'));
  const other = await ada.tab();
  for (const tab of [ada, other]) await tab.enter(room);
  await ada.composer.fill('begun here');
  await expect(other.composer).toHaveValue('begun here');
  await other.composer.fill('continued there');
  await expect(ada.composer).toHaveValue('continued there');
  await other.composer.press('Enter');
  await expect(ada.message('continued there')).toHaveAttribute('id', /^message-\d+$/);
  await expect(ada.composer).toHaveValue('');
});

test('what is written on while an edit is being saved is not lost', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Written on'));
  await ada.post(room, 'as it was');
  await ada.enter(room);
  const field = await ada.edit('as it was');
  await field.fill('the first half');
  const release = await ada.hold('**/api/messages/edit');
  const asked = ada.page.waitForRequest('**/api/messages/edit');
  await field.press('Enter');
  await asked;
  await field.press('End');
  await field.pressSequentially(', and the second');
  release();
  await expect(ada.page.locator('form.edit')).not.toHaveAttribute('aria-busy');
  await expect(field).toHaveValue('the first half, and the second');
  await field.press('Enter');
  await expect(ada.message('the first half, and the second')).toHaveCount(1);
  await expect(field).toHaveCount(0);
});

test('what two tabs of one room do not share stays apart: an answer, and what waits for its files', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Apart'));
  await ada.post(room, 'a question');
  const other = await ada.tab();
  for (const tab of [ada, other]) await tab.enter(room);
  await answer(other, 'a question');
  await expect(ada.page.locator('.replying')).toContainText('a question');
  await ada.composer.press('Escape');
  await expect(ada.page.locator('.replying')).toHaveCount(0);
  await other.say('an answer all the same');
  const quote = other.message('an answer all the same').getByRole('link', { name: 'In answer to Ada a question' });
  await expect(quote).toBeVisible();

  const release = await other.hold('**/files*');
  await choose(other, [text('slow.txt')]);
  await other.composer.fill('see the file');
  await other.composer.press('Enter');
  await expect(other.page.getByText('It will be sent once the files are there.')).toBeVisible();
  await expect(ada.composer).toHaveValue('see the file');
  await ada.composer.fill('something else');
  release();
  await expect(ada.message('see the file')).toHaveAttribute('id', /^message-\d+$/);
  await expect(ada.composer).toHaveValue('something else');
});

test('what is written while a page loads stands behind the draft that there is', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Early'));
  await ada.enter(room);
  await ada.composer.fill('the draft');
  const other = await ada.tab();
  const release = await other.hold('**/*.wasm');
  await other.page.goto(`/rooms/${room}`);
  await other.composer.fill('and more');
  release();
  await other.wire.hears(`private-Room.${room}`);
  await expect(other.composer).toHaveValue('the draft\nand more');
  await expect(ada.composer).toHaveValue('the draft\nand more');
});
