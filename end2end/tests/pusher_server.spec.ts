// The unchanged server library `pusher` of npm: a program beside Earshot notifies, asks, and ends connections.
import { overService } from '../support/service.ts';
import { expect, people, test, unique } from '../support/test.ts';

test('a program notifies, and every page reads anew', async ({ as, server }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Notified'));
  await bob.enter(room);
  const read = bob.page.waitForRequest('/api/rooms/get');
  const answer = await (await server.program()).trigger(`private-Room.${room}`, 'renamed', {});
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
  const asked = await (await server.program()).get({ path: `/channels/private-Room.${room}`, params: { info: 'subscription_count' } });
  expect(await asked.json()).toEqual({ occupied: true, subscription_count: 1 });
});

test('a batch, and an event that leaves somebody out, are accepted', async ({ server }) => {
  const pusher = await server.program();
  const batch = ['one', 'two'].map((name) => ({ channel: 'news', name, data: { name } }));
  expect((await pusher.triggerBatch(batch)).status).toBe(200);
  expect((await pusher.trigger(['news', 'weather'], 'rain', 'a lot', { socket_id: '1.2' })).status).toBe(200);
});

test('wrong keys are refused', async ({ server }) => {
  // Which of the two a wrong key or app is, each service decides.
  const [key, app] = overService ? [404, 401] : [401, 404];
  for (const [changes, status] of [[{ secret: 'guessed' }, 401], [{ key: 'guessed' }, key], [{ appId: '0' }, app]] as const) {
    const refused = (await server.program(changes)).trigger('news', 'rain', 'a lot');
    await expect(refused).rejects.toMatchObject({ status });
  }
});

test("a program ends a user's connections, and the page of who may still listen comes back", async ({ as, server }) => {
  const dan = await as('dan');
  const room = await dan.makeRoom(unique('Ended'));
  await dan.enter(room);
  const [before] = dan.wire.sockets;
  expect((await (await server.program()).terminateUserConnections(String(people.dan.id))).status).toBe(200);
  await expect.poll(() => before.isClosed()).toBe(true);
  await dan.wire.hears(`private-Room.${room}`);
  await dan.expectSamePage();
});
