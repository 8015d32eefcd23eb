// What is addressed to one: offered names, toasts, the tab's title, the inbox, the desktop.
import { expect, test, unique, type Visitor } from '../support/test.ts';

const toasts = (visitor: Visitor) => visitor.page.locator('.toasts').getByRole('link');
const entries = (visitor: Visitor) => visitor.page.locator('.inbox').getByRole('listitem');
const names = (visitor: Visitor) => visitor.page.getByRole('listbox', { name: 'Names' }).getByRole('option');

/** Desktop notifications of this page, as it makes them, and whether it was the first to take up an entry. `hidden`: nobody looks
 * at it, `late`: it takes up nothing before it is let. */
async function watchDesktop({ page }: Visitor, { hidden = false, late = false }): Promise<void> {
  await page.addInitScript(({ hidden, late }) => {
    const made: { title: string; body: string; click: () => void }[] = [];
    class Watched extends EventTarget {
      static permission = 'granted';
      onclick: (() => void) | null = null;
      constructor(title: string, { body = '' } = {}) {
        super();
        made.push({ title, body, click: () => this.onclick?.() });
      }
      close() {}
    }
    const took: boolean[] = [];
    const request = navigator.locks.request.bind(navigator.locks) as (name: string, options: object, taken: (lock: unknown) => unknown) => unknown;
    let letGo = () => {};
    const turn = new Promise<void>((go) => { letGo = go; });
    if (!late) letGo();
    const watched = (name: string, options: object, taken: (lock: unknown) => unknown) =>
      turn.then(() => request(name, options, (lock) => { took.push(lock !== null); return taken(lock); }));
    Object.defineProperty(navigator.locks, 'request', { value: watched, configurable: true });
    Object.assign(window, { Notification: Watched, made, took, letGo });
    if (hidden) {
      Object.defineProperty(document, 'hidden', { get: () => true });
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    }
  }, { hidden, late });
}

type Made = { made: { title: string; body: string; click: () => void }[]; took: boolean[]; letGo: () => void };
const made = ({ page }: Visitor) =>
  page.evaluate(() => (window as unknown as Made).made.map(({ title, body }) => `${title}: ${body}`));
const took = ({ page }: Visitor) => page.evaluate(() => (window as unknown as Made).took);

test('a mention is told in another room, counted, listed, and gone once it is read', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  await bob.call('inbox/clear', {});
  const [name, elsewhere] = [unique('Mention'), unique('Elsewhere')];
  const room = await ada.makeRoom(name, ['bob']);
  const other = await bob.makeRoom(elsewhere, []);
  const second = await bob.tab();
  await bob.enter(other);
  await second.page.goto('/inbox');
  await second.wire.hears('private-User.2');
  await expect(second.page.getByText('Nothing waits for you.')).toBeVisible();
  const id = await ada.post(room, 'What do you think, @bob?');
  await expect(toasts(bob)).toHaveText(`Ada in ${name}What do you think, @bob?`);
  // It stays while somebody points at it.
  await toasts(bob).hover();
  await expect(bob.page).toHaveTitle(`(1) ${elsewhere} · Earshot`);
  await expect(bob.page.getByRole('link', { name: 'Inbox' })).toHaveAttribute('aria-description', '1 unread');
  await expect(bob.room(name)).toHaveAttribute('aria-description', 'Members only, 1 unread, 1 for you');
  await expect(entries(second)).toHaveCount(1);
  await expect(entries(second)).toContainText(`mentions you in ${name}`);

  // What the message says now, not what it said.
  await ada.call('messages/edit', { id, body: 'And what do you think now, @Bob?' });
  await toasts(bob).click();
  await expect(bob.page).toHaveURL(new RegExp(`/rooms/${room}\\?at=${id}#message-${id}$`));
  await expect(bob.message('what do you think now')).toBeVisible();
  await expect(toasts(bob)).toHaveCount(0);
  await expect(bob.page).toHaveTitle(`${name} · Earshot`);
  await expect(entries(second)).toHaveCount(0);
  await expect(second.page).toHaveTitle('Inbox · Earshot');
  await bob.expectSamePage();
});

test('everyone is addressed at once, and all is marked as read at once', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const name = unique('Everyone');
  const room = await ada.makeRoom(name, ['bob', 'cleo']);
  await ada.post(room, '@everyone, lunch?');
  const late = await ada.post(room, '@Bob, are you coming?');
  await bob.page.goto('/inbox');
  await bob.wire.hears('private-User.2');
  await expect(entries(bob).filter({ hasText: name })).toHaveCount(2);
  await expect(entries(bob).first()).toContainText('are you coming?');
  await expect(entries(bob).nth(1)).toContainText(`to everyone in ${name}`);
  await ada.call('messages/delete', { id: late });
  await expect(entries(bob).filter({ hasText: name })).toHaveCount(1);
  await bob.button('Mark all as read').click();
  await expect(entries(bob)).toHaveCount(0);
  await expect(bob.page.getByText('Nothing waits for you.')).toBeVisible();
  await expect(bob.page).toHaveTitle('Inbox · Earshot');
});

test('what waits in a room that one may not read any more is gone', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const name = unique('Removed');
  const room = await ada.makeRoom(name, ['bob']);
  await bob.call('inbox/clear', {});
  await bob.page.goto('/inbox');
  await bob.wire.hears(`private-Room.${room}`);
  await ada.post(room, '@Bob, see you');
  await expect(entries(bob).filter({ hasText: name })).toHaveCount(1);
  await ada.call('rooms/remove_member', { id: room, user: 2 });
  await expect(entries(bob).filter({ hasText: name })).toHaveCount(0);
  await expect(bob.page.getByRole('link', { name: 'Inbox' })).not.toHaveAttribute('aria-description');
});

test('in the room itself a mention needs no word', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Present'), ['bob']);
  await bob.enter(room);
  await ada.post(room, 'Look, @Bob');
  await expect(bob.message('Look, @Bob')).toBeVisible();
  await expect.poll(() => bob.wire.heard('notified', 'private-User.2').length).toBeGreaterThan(0);
  await expect.poll(async () => {
    const { entries } = (await bob.call('inbox/unread', {})) as { entries: { room: number }[] };
    return entries.filter((entry) => entry.room === room).length;
  }).toBe(0);
  await expect(toasts(bob)).toHaveCount(0);
});

test('a toast is dismissed by keyboard', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Toast'), ['bob']);
  await bob.page.clock.install();
  await bob.enter(await bob.makeRoom(unique('Elsewhere'), []));
  await bob.stopTime();
  for (let number = 1; number <= 4; number += 1) await ada.post(room, `@Bob, number ${number}.`);
  // They go by themselves: no more time passes for Bob than they take to come.
  await expect(async () => {
    await bob.page.clock.runFor(50);
    expect((await toasts(bob).allInnerTexts()).map((text) => text.slice(-9))).toEqual(['number 2.', 'number 3.', 'number 4.']);
  }).toPass({ timeout: 20_000 });
  await toasts(bob).first().focus();
  await bob.page.keyboard.press('Tab');
  await bob.page.keyboard.press('Enter');
  await expect(toasts(bob)).toContainText(['number 3.', 'number 4.']);
});

test('names are offered behind the sign, and chosen by keyboard or pointer', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Names'), ['bob', 'cleo']);
  await ada.enter(room);
  await ada.composer.pressSequentially('Hello @');
  await expect(names(ada)).toHaveText([/Ada/, /Bob/, /Cleo/, /everyone/]);
  await expect(ada.composer).toHaveAttribute('aria-controls', 'mention-list');
  await expect(ada.composer).toHaveAttribute('aria-activedescendant', 'mention-1');
  await ada.composer.press('ArrowDown');
  await expect(ada.composer).toHaveAttribute('aria-activedescendant', 'mention-2');
  await expect(names(ada).nth(1)).toHaveAttribute('aria-selected', 'true');
  await ada.composer.press('ArrowUp');
  await ada.composer.press('ArrowUp');
  await expect(ada.composer).toHaveAttribute('aria-activedescendant', 'mention-0');
  await ada.composer.pressSequentially('bo');
  await expect(names(ada)).toHaveText([/Bob/]);
  await ada.composer.press('Enter');
  await expect(ada.composer).toHaveValue('Hello @Bob ');
  await expect(names(ada)).toHaveCount(0);
  await expect(ada.composer).not.toHaveAttribute('aria-controls');

  await ada.composer.pressSequentially('and @cl');
  await names(ada).click();
  await expect(ada.composer).toHaveValue('Hello @Bob and @Cleo ');
  await expect(ada.composer).toBeFocused();
  await ada.composer.pressSequentially('and @e');
  await expect(names(ada)).toHaveCount(1);
  await ada.composer.press('Escape');
  await expect(names(ada)).toHaveCount(0);
  await ada.composer.pressSequentially('ve');
  await expect(names(ada)).toHaveCount(0);
  await ada.composer.press('Enter');
  await expect(ada.message('Hello @Bob and @Cleo and @eve')).toHaveCount(1);

  await bob.enter(room);
  const mention = bob.message('Hello').locator('.mention');
  await expect(mention).toHaveText(['@Bob', '@Cleo']);
  await expect(bob.message('Hello')).toHaveClass(/for-me/);
  await expect(ada.message('Hello')).not.toHaveClass(/for-me/);

  // A name that is written to its end is sent by Enter, and offered no longer.
  await bob.composer.pressSequentially('@ada');
  await expect(names(bob)).toHaveText([/Ada/]);
  await bob.composer.press('Enter');
  await expect(names(bob)).toHaveCount(0);
  await expect(bob.message('@ada').locator('.mention')).toHaveText('@ada');
});

test('one tab of those that nobody looks at tells it on the desktop, and a click opens the message', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const name = unique('Desktop');
  const room = await ada.makeRoom(name, ['bob']);
  const other = await bob.makeRoom(unique('Elsewhere'), []);
  const second = await bob.tab();
  for (const tab of [bob, second]) {
    await watchDesktop(tab, { hidden: true });
    await tab.enter(other);
  }
  const id = await ada.post(room, 'Wake up, @Bob!');
  const all = async () => [...await made(bob), ...await made(second)];
  await expect.poll(async () => [...await took(bob), ...await took(second)].sort()).toEqual([false, true]);
  await expect.poll(all).toEqual([`Ada in ${name}: Wake up, @Bob!`]);
  for (const tab of [bob, second]) await expect(toasts(tab)).toHaveCount(1);
  await ada.post(room, '@Bob, once more');
  await expect.poll(all).toHaveLength(2);
  const told = (await made(bob)).length > 0 ? bob : second;
  await told.page.evaluate(() => (window as unknown as Made).made[0].click());
  await expect(told.page).toHaveURL(new RegExp(`/rooms/${room}\\?at=\\d+#message-\\d+$`));
  await expect(told.message('Wake up').or(told.message('once more')).first()).toBeVisible();
  expect(id).toBeGreaterThan(0);
});

test('where locks are refused it is told on the desktop all the same', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const name = unique('No locks');
  const room = await ada.makeRoom(name, ['bob']);
  await watchDesktop(bob, { hidden: true });
  await bob.page.addInitScript(() => {
    Object.defineProperty(navigator.locks, 'request', { value: () => Promise.reject(new DOMException('no', 'InvalidStateError')) });
  });
  await bob.enter(await bob.makeRoom(unique('Elsewhere'), []));
  await ada.post(room, 'Wake up, @Bob!');
  await expect.poll(() => made(bob)).toEqual([`Ada in ${name}: Wake up, @Bob!`]);
});

test('a tab that is looked at leaves the desktop alone', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Looked at'), ['bob']);
  const other = await bob.makeRoom(unique('Elsewhere'), []);
  const hidden = await bob.tab();
  await watchDesktop(bob, {});
  await watchDesktop(hidden, { hidden: true, late: true });
  await bob.enter(other);
  await hidden.enter(other);
  await ada.post(room, '@Bob, here');
  for (const tab of [bob, hidden]) await expect(toasts(tab)).toHaveCount(1);
  // The hidden tab leaves a moment to the other one: however slow that is, it is over only afterwards.
  await expect.poll(() => took(bob)).toEqual([true]);
  await hidden.page.evaluate(() => (window as unknown as Made).letGo());
  await expect.poll(() => took(hidden)).toEqual([false]);
  expect([...await made(bob), ...await made(hidden)]).toEqual([]);
});

test('the browser is asked for notifications by a button, and only once', async ({ as }) => {
  const bob = await as('bob');
  await bob.page.addInitScript(() => {
    const asked = { permission: 'default', requestPermission: async () => { asked.permission = 'granted'; return 'granted'; } };
    Object.assign(window, { Notification: asked });
  });
  await bob.page.goto('/inbox');
  await bob.button('Turn on notifications').click();
  await expect(bob.page.getByText('this browser tells you on the desktop')).toBeVisible();
  await expect(bob.button('Turn on notifications')).toHaveCount(0);
});
