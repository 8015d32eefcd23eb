// Live updates: one socket per page, nothing missed, nothing heard that is not one's own to hear.
import { overService } from '../support/service.ts';
import { expect, people, test, unique } from '../support/test.ts';

const channel = (room: number) => `private-Room.${room}`;
const LOST = 'Connection lost. Trying to get it back.';

test('a page has one socket, and subscribes to each channel once', async ({ as }) => {
  const ada = await as('ada');
  const [here, there] = [await ada.makeRoom(unique('Here')), await ada.makeRoom(unique('There'))];
  await ada.enter(here);
  const channels = ['private-Team.1', `private-User.${people.ada.id}`, channel(here), channel(there), `presence-Room.${here}`];
  for (const name of channels) {
    await ada.wire.hears(name);
  }
  const asked = ada.wire.sent('pusher:subscribe').map((frame) => frame.channel);
  expect(asked).toEqual([...new Set(asked)]);
  expect(ada.wire.sockets).toHaveLength(1);
});

test('going to another room needs no new socket, and its messages are heard there', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const names = [unique('From'), unique('To')];
  const [from, to] = [await ada.makeRoom(names[0]), await ada.makeRoom(names[1])];
  await bob.enter(from);
  await bob.room(names[1]).click();
  await expect(bob.heading(names[1])).toBeVisible();
  await bob.wire.hears(channel(to));
  await ada.post(from, 'left behind');
  await ada.post(to, 'followed');
  await expect(bob.message('followed')).toHaveCount(1);
  await expect(bob.message('left behind')).toHaveCount(0);
  await bob.room(names[0]).click();
  await expect(bob.message('left behind')).toHaveCount(1);
  await expect(bob.message('followed')).toHaveCount(0);
  expect(bob.wire.sockets).toHaveLength(1);
  for (const room of [from, to]) {
    expect(bob.wire.sent('pusher:subscribe', channel(room))).toHaveLength(1);
    expect(bob.wire.heard('posted', channel(room))).toHaveLength(1);
  }
  await bob.expectSamePage();
});

test('rooms that come and go are subscribed to and unsubscribed from on the same socket', async ({ as }) => {
  const [bob, dan] = [await as('bob'), await as('dan')];
  const name = unique('Passing');
  await dan.enter(await bob.makeRoom(unique('Here')));
  const room = await bob.makeRoom(name, ['dan']);
  await expect(dan.room(name)).toHaveCount(1);
  await dan.wire.hears(channel(room));
  await bob.call('rooms/remove_member', { id: room, user: people.dan.id });
  await expect(dan.room(name)).toHaveCount(0);
  // A foreign service cannot end one subscription of a person: it ends the connection.
  const ended = () => (overService ? dan.wire.sockets.length - 1 : dan.wire.sent('pusher:unsubscribe', channel(room)).length);
  await expect.poll(ended).toBe(1);
  expect(dan.wire.sent('pusher:subscribe', channel(room))).toHaveLength(1);
  expect(dan.wire.sockets).toHaveLength(overService ? 2 : 1);
});

test('what is committed between rendering and subscribing appears', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Gap'));
  const [changed, gone] = [await ada.post(room, 'as it was'), await ada.post(room, 'soon gone')];
  let release = () => {};
  const held = new Promise<void>((go) => { release = go; });
  await bob.page.route('/rest/pusher/auth', async (route) => { await held; await route.continue(); });
  const asked = bob.page.waitForRequest('/rest/pusher/auth');
  await bob.page.goto(`/rooms/${room}`);
  await asked;
  await bob.markPage();
  await ada.post(room, 'in between');
  await ada.call('messages/edit', { id: changed, body: 'as it is' });
  await ada.call('messages/delete', { id: gone });
  await expect(bob.message('soon gone')).toHaveCount(1);
  expect(bob.wire.isSubscribed(channel(room))).toBe(false);
  release();
  await expect(bob.message('in between')).toHaveCount(1);
  await expect(bob.message('as it is')).toHaveCount(1);
  await expect(bob.message('This message was deleted.')).toHaveCount(1);
  await expect(bob.messages).toHaveCount(3);
  // No frame told it: it was asked for.
  for (const event of ['posted', 'edited', 'deleted']) {
    expect(bob.wire.heard(event, channel(room))).toHaveLength(0);
  }
  await bob.expectSamePage();
});

test('after a restart of the server the page comes back by itself with what was posted meanwhile', async ({ as, server }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Restart'));
  await bob.enter(room);
  let release = () => {};
  const held = new Promise<void>((go) => { release = go; });
  await bob.page.route('/rest/pusher/key', async (route) => { await held; await route.continue(); });
  bob.guard.allowOutage();
  await server.restart();
  await ada.post(room, 'while you were away');
  await expect(bob.page.getByText(LOST)).toBeAttached();
  release();
  await expect(bob.message('while you were away')).toHaveCount(1);
  await expect(bob.page.getByText(LOST)).toHaveCount(0);
  expect(bob.wire.heard('posted', channel(room))).toHaveLength(0);
  await bob.wire.hears(channel(room));
  await ada.post(room, 'and live again');
  await expect(bob.message('and live again')).toHaveCount(1);
  await expect(bob.messages).toHaveCount(2);
  await bob.expectSamePage();
});

test('a lost connection is told after a while, and no longer once it is back', async ({ as, server }) => {
  const bob = await as('bob');
  const room = await bob.makeRoom(unique('Banner'));
  await bob.enter(room);
  bob.guard.allowOutage();
  // What the stylesheet does after a while it does when the test lets it.
  const session = await bob.context.newCDPSession(bob.page);
  await session.send('Animation.enable');
  await session.send('Animation.setPlaybackRate', { playbackRate: 0 });
  await server.stop();
  const banner = bob.page.getByText(LOST);
  await expect(banner).toBeAttached();
  await expect(banner).toBeHidden();
  await session.send('Animation.setPlaybackRate', { playbackRate: 10 });
  await expect(banner).toBeVisible();
  await server.start();
  await expect(banner).toHaveCount(0);
  await bob.wire.hears(channel(room));
  await bob.expectSamePage();
});

test('a stranger neither sees, nor may listen to, nor hears a closed room', async ({ as }) => {
  const [bob, cleo, dan] = [await as('bob'), await as('cleo'), await as('dan')];
  const [closed, open] = [await bob.makeRoom(unique('Closed'), ['cleo']), await bob.makeRoom(unique('Open'))];
  dan.guard.expect(404, `/rooms/${closed}`);
  expect((await dan.page.goto(`/rooms/${closed}`))?.status()).toBe(404);
  await expect(dan.heading('Not found')).toBeVisible();
  const unknown = await dan.context.request.get('/rooms/999999999');
  expect(unknown.status()).toBe(404);
  expect(await dan.authStatus(channel(closed))).toBe(403);
  expect(await dan.authStatus(channel(999_999_999))).toBe(403);
  expect(await cleo.authStatus(channel(closed))).toBe(200);

  await dan.enter(open);
  await cleo.enter(closed);
  await bob.post(closed, 'between us');
  await expect(cleo.message('between us')).toHaveCount(1);
  await bob.post(open, 'for everyone');
  await expect(dan.message('for everyone')).toHaveCount(1);
  expect(dan.wire.frames.filter((frame) => frame.text.includes(`Room.${closed}"`))).toEqual([]);
  expect(cleo.wire.heard('posted', channel(closed))).toHaveLength(1);
});

test('a notice says that something happened, and never what', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Notice'));
  await bob.enter(room);
  const id = await ada.post(room, 'a telling word');
  await expect(bob.message('a telling word')).toHaveCount(1);
  const [notice] = bob.wire.heard('posted', channel(room));
  expect(Object.keys(notice.data).sort()).toEqual(['by', 'changed', 'entity', 'id', 'seq']);
  expect(notice.data).toMatchObject({ entity: 'Message', id, by: 'Ada' });
  expect(bob.wire.frames.filter((frame) => frame.text.includes('telling'))).toEqual([]);
});

test('a signature that is made up opens nothing', async ({ as, server }) => {
  const [bob, dan] = [await as('bob'), await as('dan')];
  const closed = await bob.makeRoom(unique('Forged'), []);
  await dan.page.goto('/up');
  const { key } = await (await dan.context.request.get('/rest/pusher/key')).json();
  const answer = await dan.page.evaluate(([host, key, channel]) => new Promise<string>((answered) => {
    const socket = new WebSocket(`ws://${host}/app/${key}?protocol=7`);
    socket.onmessage = ({ data }) => {
      const { event } = JSON.parse(data);
      if (event === 'pusher:connection_established') {
        const auth = `${key}:${'0'.repeat(64)}`;
        socket.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel, auth } }));
      } else {
        answered(event);
      }
    };
    socket.onclose = ({ code }) => answered(`closed with ${code}`);
  }), [server.carrier.host, key, channel(closed)]);
  expect(answer).toBe(overService ? 'pusher:error' : 'pusher:subscription_error');
});
