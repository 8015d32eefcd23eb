// Who is here and who is typing, in the room's head.
import { expect, test, unique, type Visitor } from '../support/test.ts';

const here = (visitor: Visitor) => visitor.page.getByRole('list', { name: 'Here now' }).getByRole('listitem');

test('who comes is shown to those who are there, and whoever leaves is gone', async ({ as, server }) => {
  const [ada, bob, cleo] = [await as('ada'), await as('bob'), await as('cleo')];
  const room = await ada.makeRoom(unique('Meeting'));
  await ada.enter(room);
  await expect(here(ada)).toHaveCount(0);
  await bob.enter(room);
  await cleo.enter(room);
  await expect(here(ada)).toHaveText([/Bob/, /Cleo/]);
  await expect(here(cleo)).toHaveText([/Ada/, /Bob/]);
  // A second tab is no second person.
  const second = await bob.tab();
  await second.enter(room);
  await bob.page.close();
  const program = await server.program();
  const sockets = async () => {
    const asked = await program.get({ path: `/channels/presence-Room.${room}`, params: { info: 'subscription_count' } });
    return ((await asked.json()) as { subscription_count: number }).subscription_count;
  };
  await expect.poll(sockets, 'the closed tab is gone').toBe(3);
  await expect(here(ada)).toHaveText([/Bob/, /Cleo/]);
  expect(ada.wire.heard('pusher_internal:member_removed')).toEqual([]);
  await second.page.goto('/rooms/new');
  await expect(here(ada)).toHaveText([/Cleo/]);
  await cleo.page.close();
  await expect(here(ada)).toHaveCount(0);
  await ada.expectSamePage();
});

test('who types is named until the message is sent, the text is taken back, or nothing comes any more', async ({ as }) => {
  const [ada, bob, cleo] = [await as('ada'), await as('bob'), await as('cleo')];
  const room = await ada.makeRoom(unique('Typing'));
  await ada.page.clock.install();
  for (const visitor of [ada, bob, cleo]) await visitor.enter(room);
  await expect(here(ada)).toHaveCount(2);
  // Nothing ends by itself before the test lets time pass for Ada.
  await ada.stopTime();
  const said = (text: string | RegExp) => ada.page.locator('.room-header').getByText(text);
  await bob.composer.pressSequentially('I think');
  await expect(said('Bob is typing…')).toBeVisible();
  await cleo.composer.pressSequentially('So do I');
  await expect(said('Bob and Cleo are typing…')).toBeVisible();
  await bob.composer.press('Enter');
  await expect(said('Cleo is typing…')).toBeVisible();
  await cleo.composer.fill('');
  await expect(said('Open to everyone')).toBeVisible();
  await bob.composer.pressSequentially('hm');
  await expect(said('Bob is typing…')).toBeVisible();
  await ada.page.clock.runFor(10_000);
  await expect(said('Open to everyone')).toBeVisible();
  // What is typed tells nobody but who is at the room, and of that only that it happens.
  expect(ada.wire.frames.filter((frame) => frame.text.includes('I think') && frame.event.startsWith('client-'))).toEqual([]);
});

test('who is put out of a closed room neither sees nor is seen any more', async ({ as }) => {
  const [bob, dan] = [await as('bob'), await as('dan')];
  const room = await bob.makeRoom(unique('Closed'), ['dan']);
  await bob.enter(room);
  await dan.enter(room);
  await expect(here(bob)).toHaveText([/Dan/]);
  dan.guard.allow(/^answer 404: POST \/api\/(rooms\/get|messages\/page)$/);
  await bob.call('rooms/remove_member', { id: room, user: 4 });
  await expect(here(bob)).toHaveCount(0);
  expect(await dan.authStatus(`presence-Room.${room}`)).toBe(403);
});

test('after the server was away everyone is shown again', async ({ as, server }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Again'));
  await ada.enter(room);
  await bob.enter(room);
  await expect(here(ada)).toHaveText([/Bob/]);
  ada.guard.allowOutage();
  bob.guard.allowOutage();
  await server.restart();
  await expect(here(ada)).toHaveText([/Bob/]);
  await expect(here(bob)).toHaveText([/Ada/]);
});
