// The unchanged pusher-js of npm listens here as it does at Pusher.
import { type PusherWindow, connect, expectHeard, heard, subscribe } from '../support/pusher.ts';
import { overService } from '../support/service.ts';
import { expect, people, test, unique } from '../support/test.ts';

test('pusher-js hears a notice with exactly entity, id, seq, changed and by', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob', { bypassCSP: true })];
  const room = await ada.makeRoom(unique('Pusher'));
  await bob.enter(room);
  await connect(bob);
  await subscribe(bob, `private-Room.${room}`);
  await expectHeard(bob, 'pusher:subscription_succeeded', 1);
  const id = await ada.post(room, 'hello pusher-js');
  await expectHeard(bob, 'posted', 1);
  const [{ data }] = await heard(bob, 'posted') as [{ event: string; data: Record<string, unknown> }];
  expect(Object.keys(data).sort()).toEqual(['by', 'changed', 'entity', 'id', 'seq']);
  expect(data).toMatchObject({ entity: 'Message', id, by: 'Ada' });
  // Microseconds since 1970.
  expect(Math.abs(Number(data.changed) / 1000 - Date.now())).toBeLessThan(60_000);
  await ada.call('messages/edit', { id, body: 'changed' });
  await expectHeard(bob, 'edited', 1);
  const [edited] = await heard(bob, 'edited') as [{ event: string; data: Record<string, unknown> }];
  expect(edited.data.seq).toBe(Number(data.seq) + 1);
});

test('pusher-js is refused a closed room with 403 when its person is a stranger to it', async ({ as }) => {
  const [bob, dan] = [await as('bob'), await as('dan', { bypassCSP: true })];
  const room = await bob.makeRoom(unique('Closed'), ['cleo']);
  dan.guard.expect(403, '/rest/pusher/auth');
  await dan.enter(await bob.makeRoom(unique('Open')));
  await connect(dan);
  await subscribe(dan, `private-Room.${room}`);
  await expectHeard(dan, 'pusher:subscription_error', 1);
  expect((await heard(dan, 'pusher:subscription_error'))[0].data).toMatchObject({ type: 'AuthError', status: 403 });
});

test('pusher-js comes back after a restart of the server and hears again', async ({ as, server }) => {
  const [ada, bob] = [await as('ada'), await as('bob', { bypassCSP: true })];
  const room = await ada.makeRoom(unique('Again'));
  await bob.page.clock.install();
  await bob.enter(room);
  await connect(bob);
  await subscribe(bob, `private-Room.${room}`);
  await expectHeard(bob, 'pusher:subscription_succeeded', 1);
  bob.guard.allowOutage();
  const ours = () => bob.wire.heard('pusher_internal:subscription_succeeded', `private-Room.${room}`)
    .filter(({ socket }) => socket.url().includes('client=earshot')).length;
  const before = ours();
  await server.restart();
  // The page's own connection is there again: what it waits for is not overtaken by the clock.
  await expect.poll(ours).toBeGreaterThan(before);
  // Where pusher-js was refused it waits half a minute before it tries again.
  await bob.page.clock.fastForward(30_000);
  await expectHeard(bob, 'pusher:subscription_succeeded', 2);
  await ada.post(room, 'after the restart');
  await expectHeard(bob, 'posted', 1);
});

test('pusher-js loses a closed room at the moment its person is put out', async ({ as }) => {
  test.skip(overService, 'a foreign service knows only who has signed in, as our own pages do');
  const [bob, dan] = [await as('bob'), await as('dan', { bypassCSP: true })];
  const [closed, open] = [await bob.makeRoom(unique('Closed'), ['dan']), await bob.makeRoom(unique('Open'))];
  await dan.enter(open);
  await connect(dan);
  await subscribe(dan, `private-Room.${closed}`);
  await expectHeard(dan, 'pusher:subscription_succeeded', 1);
  await bob.post(closed, 'Dan hears this');
  await expectHeard(dan, 'posted', 1);
  await subscribe(dan, `private-Room.${open}`);
  await expectHeard(dan, 'pusher:subscription_succeeded', 2);
  await bob.call('rooms/remove_member', { id: closed, user: 4 });
  await expectHeard(dan, 'pusher:subscription_error', 1);
  await bob.post(closed, 'and not this');
  // Had it been heard, then before this, on the same socket.
  const id = await bob.post(open, 'but this');
  await expectHeard(dan, 'posted', 2);
  expect((await heard(dan, 'posted'))[1].data).toMatchObject({ id });
});

test('pusher-js shows who is present, and passes on what they send each other', async ({ as }) => {
  const [ada, bob] = [await as('ada', { bypassCSP: true }), await as('bob', { bypassCSP: true })];
  const room = `presence-Room.${await ada.makeRoom(unique('Present'))}`;
  for (const visitor of [ada, bob]) {
    await visitor.page.goto('/rooms/new');
    await connect(visitor);
    await subscribe(visitor, room);
    await expectHeard(visitor, 'pusher:subscription_succeeded', 1);
  }
  await expectHeard(ada, 'pusher:member_added', 1);
  expect((await heard(ada, 'pusher:member_added'))[0].data).toEqual({ id: String(people.bob.id), info: { name: 'Bob' } });
  const [{ data }] = await heard(bob, 'pusher:subscription_succeeded');
  expect(data).toMatchObject({ count: 2, myID: String(people.bob.id), me: { info: { name: 'Bob' } } });
  await ada.page.evaluate((room) => {
    const page = window as unknown as PusherWindow;
    page.pusher.channel(room).bind('client-pointer', (_, meta) => page.heard.push({ event: 'from', data: meta?.user_id }));
  }, room);
  await bob.page.evaluate((room) => (window as unknown as PusherWindow).pusher.channel(room).trigger('client-pointer', { x: 4 }), room);
  await expectHeard(ada, 'client-pointer', 1);
  expect((await heard(ada, 'client-pointer'))[0].data).toEqual({ x: 4 });
  // Not every service says whom an event is from.
  if (!overService) expect((await heard(ada, 'from'))[0].data).toBe(String(people.bob.id));
  expect(await heard(bob, 'client-pointer'), 'not to the sender').toEqual([]);
  await bob.page.evaluate((room) => (window as unknown as PusherWindow).pusher.unsubscribe(room), room);
  await expectHeard(ada, 'pusher:member_removed', 1);
});

test('pusher-js signs in, hears what is sent to its user, and is ended with them', async ({ as, server }) => {
  const dan = await as('dan', { bypassCSP: true });
  await dan.page.goto('/rooms/new');
  await connect(dan);
  await dan.page.evaluate(() => {
    const page = window as unknown as PusherWindow;
    page.pusher.user.bind_global((event, data) => page.heard.push({ event, data }));
    page.pusher.signin();
  });
  const program = await server.program();
  // The channel of a user is there once they have signed in.
  await expect.poll(async () => {
    await program.sendToUser(String(people.dan.id), 'reminder', { text: 'tea' });
    return (await heard(dan, 'reminder')).length;
  }).toBeGreaterThan(0);
  expect((await heard(dan, 'reminder'))[0].data).toEqual({ text: 'tea' });
  const state = () => dan.page.evaluate(() => (window as unknown as PusherWindow).pusher.connection.state);
  expect(await state()).toBe('connected');
  expect((await program.terminateUserConnections(String(people.dan.id))).status).toBe(200);
  await expect.poll(state).toBe('disconnected');
});
