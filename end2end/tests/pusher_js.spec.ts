// The unchanged pusher-js of npm listens here as it does at Pusher.
import { resolve } from 'node:path';
import { expect, test, unique, type Visitor } from '../support/test.ts';

const PUSHER_JS = resolve(import.meta.dirname, '../node_modules/pusher-js/dist/web/pusher.min.js');

type Heard = { event: string; data: unknown };
type Socket = { bind_global(heard: (event: string, data: unknown) => void): void };
type PusherClass = new (key: string, options: object) => { subscribe(channel: string): Socket; connection: { state: string } };
type PusherWindow = { Pusher: PusherClass; heard: Heard[]; pusher: InstanceType<PusherClass> };

/** Has a page with pusher-js in it subscribe to the channel, and note every event. */
async function subscribe(visitor: Visitor, channel: string): Promise<void> {
  const { key, cluster } = await (await visitor.context.request.get('/rest/pusher/key')).json();
  await visitor.page.addScriptTag({ path: PUSHER_JS });
  await visitor.page.evaluate(([key, cluster, channel]) => {
    const page = window as unknown as PusherWindow;
    page.heard = [];
    page.pusher = new page.Pusher(key, {
      cluster,
      wsHost: location.hostname,
      wsPort: Number(location.port),
      forceTLS: false,
      enabledTransports: ['ws'],
      channelAuthorization: { endpoint: '/rest/pusher/auth', transport: 'ajax' },
    });
    page.pusher.subscribe(channel).bind_global((event, data) => page.heard.push({ event, data }));
  }, [key, cluster, channel]);
}

async function heard(visitor: Visitor, event: string): Promise<Heard[]> {
  const all = await visitor.page.evaluate(() => (window as unknown as PusherWindow).heard);
  return all.filter((one) => one.event === event);
}

async function expectHeard(visitor: Visitor, event: string, times: number): Promise<void> {
  await expect.poll(async () => (await heard(visitor, event)).length, `${event} is heard`).toBe(times);
}

test('pusher-js hears a notice with exactly entity, id, seq, changed and by', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob', { bypassCSP: true })];
  const room = await ada.makeRoom(unique('Pusher'));
  await bob.enter(room);
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
  await subscribe(dan, `private-Room.${room}`);
  await expectHeard(dan, 'pusher:subscription_error', 1);
  expect((await heard(dan, 'pusher:subscription_error'))[0].data).toMatchObject({ type: 'AuthError', status: 403 });
});

test('pusher-js comes back after a restart of the server and hears again', async ({ as, server }) => {
  // It may wait half a minute before it tries again.
  test.slow();
  const [ada, bob] = [await as('ada'), await as('bob', { bypassCSP: true })];
  const room = await ada.makeRoom(unique('Again'));
  await bob.enter(room);
  await subscribe(bob, `private-Room.${room}`);
  await expectHeard(bob, 'pusher:subscription_succeeded', 1);
  bob.guard.allowOutage();
  await server.restart();
  await expect.poll(async () => (await heard(bob, 'pusher:subscription_succeeded')).length, { timeout: 50_000 }).toBe(2);
  await ada.post(room, 'after the restart');
  await expectHeard(bob, 'posted', 1);
});

test('pusher-js loses a closed room at the moment its person is put out', async ({ as }) => {
  const [bob, dan] = [await as('bob'), await as('dan', { bypassCSP: true })];
  const [closed, open] = [await bob.makeRoom(unique('Closed'), ['dan']), await bob.makeRoom(unique('Open'))];
  await dan.enter(open);
  await subscribe(dan, `private-Room.${closed}`);
  await expectHeard(dan, 'pusher:subscription_succeeded', 1);
  await bob.post(closed, 'Dan hears this');
  await expectHeard(dan, 'posted', 1);
  await bob.call('rooms/remove_member', { id: closed, user: 4 });
  await expectHeard(dan, 'pusher:subscription_error', 1);
  await bob.post(closed, 'and not this');
  await bob.post(open, 'but this');
  await expect(dan.message('but this')).toHaveCount(1);
  await expectHeard(dan, 'posted', 1);
});
