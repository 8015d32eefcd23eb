// The unchanged server library `pusher` of npm: a program beside Earshot notifies, asks, and ends connections.
import Pusher from 'pusher';
import { expect, people, test, unique } from '../support/test.ts';
import type { Server } from '../support/server.ts';

async function program(server: Server, changes: Partial<Pusher.Options> = {}): Promise<Pusher> {
  const { hostname, port } = new URL(server.url);
  const { app_id: appId, key, secret } = await server.keys();
  return new Pusher({ appId, key, secret, host: hostname, port, useTLS: false, ...changes } as Pusher.Options);
}

test('a program notifies, and every page reads anew', async ({ as, server }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Notified'));
  await bob.enter(room);
  const read = bob.page.waitForRequest('/api/rooms/get');
  const answer = await (await program(server)).trigger(`private-Room.${room}`, 'renamed', {});
  expect(answer.status).toBe(200);
  await read;
  // Its number is the next one: what people do afterwards is heard as ever.
  await ada.post(room, 'and on we go');
  await expect(bob.message('and on we go')).toHaveCount(1);
  await bob.expectSamePage();
});

test('a program asks who listens', async ({ as, server }) => {
  const bob = await as('bob');
  const room = await bob.makeRoom(unique('Asked'));
  await bob.enter(room);
  const asked = await (await program(server)).get({ path: `/channels/private-Room.${room}`, params: { info: 'subscription_count' } });
  expect(await asked.json()).toEqual({ occupied: true, subscription_count: 1 });
});

test('a batch, and an event that leaves somebody out, are accepted', async ({ server }) => {
  const pusher = await program(server);
  const batch = ['one', 'two'].map((name) => ({ channel: 'news', name, data: { name } }));
  expect((await pusher.triggerBatch(batch)).status).toBe(200);
  expect((await pusher.trigger(['news', 'weather'], 'rain', 'a lot', { socket_id: '1.2' })).status).toBe(200);
});

test('wrong keys are refused', async ({ server }) => {
  for (const [changes, status] of [[{ secret: 'guessed' }, 401], [{ key: 'guessed' }, 401], [{ appId: '1' }, 404]] as const) {
    const refused = (await program(server, changes)).trigger('news', 'rain', 'a lot');
    await expect(refused).rejects.toMatchObject({ status });
  }
});

test("a program ends a user's connections, and the page shows nothing more", async ({ as, server }) => {
  const dan = await as('dan');
  const room = await dan.makeRoom(unique('Ended'));
  await dan.enter(room);
  expect((await (await program(server)).terminateUserConnections(String(people.dan.id))).status).toBe(200);
  await expect(dan.heading('You are signed out')).toBeVisible();
});
