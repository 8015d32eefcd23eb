// The unchanged laravel-echo of npm, over pusher-js.
import { connect, echo, expectHeard, heard, type PusherWindow } from '../support/pusher.ts';
import { expect, test, unique, type Visitor } from '../support/test.ts';

type Presence = {
  here(here: (people: unknown[]) => void): Presence;
  joining(joined: (person: unknown) => void): Presence;
  leaving(left: (person: unknown) => void): Presence;
  listenForWhisper(event: string, heard: (data: unknown) => void): Presence;
  whisper(event: string, data: unknown): Presence;
};
type Listener = { listen(event: string, heard: (data: unknown) => void): Listener; subscribed(done: () => void): Listener };
type EchoWindow = PusherWindow & {
  echo: { private(name: string): Listener; join(name: string): Presence; leave(name: string): void };
};

async function open(visitor: Visitor): Promise<void> {
  await visitor.page.goto('/rooms/new');
  await connect(visitor);
  await echo(visitor);
}

async function join(visitor: Visitor, room: number): Promise<void> {
  await visitor.page.evaluate((name) => {
    const page = window as unknown as EchoWindow;
    const note = (event: string) => (data: unknown) => { page.heard.push({ event, data }); };
    page.echo.join(name).here(note('here')).joining(note('joining')).leaving(note('leaving'))
      .listenForWhisper('typing', note('whisper'));
  }, `Room.${room}`);
  await expectHeard(visitor, 'here', 1);
}

test('laravel-echo hears the notices of a room', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob', { bypassCSP: true })];
  const room = await ada.makeRoom(unique('Echo'));
  await open(bob);
  await bob.page.evaluate((name) => {
    const page = window as unknown as EchoWindow;
    const listener = page.echo.private(name);
    listener.listen('.posted', (data) => page.heard.push({ event: 'posted', data }));
    listener.subscribed(() => page.heard.push({ event: 'subscribed', data: {} }));
  }, `Room.${room}`);
  await expectHeard(bob, 'subscribed', 1);
  const id = await ada.post(room, 'hello Laravel');
  await expectHeard(bob, 'posted', 1);
  expect((await heard(bob, 'posted'))[0].data).toMatchObject({ entity: 'Message', id, by: 'Ada' });
});

test('laravel-echo sees who is here, who joins and who leaves, and whispers', async ({ as }) => {
  const [ada, bob] = [await as('ada', { bypassCSP: true }), await as('bob', { bypassCSP: true })];
  const room = await ada.makeRoom(unique('Whisper'));
  for (const visitor of [ada, bob]) {
    await open(visitor);
    await join(visitor, room);
  }
  expect((await heard(bob, 'here'))[0].data).toEqual([{ name: 'Ada' }, { name: 'Bob' }]);
  await expectHeard(ada, 'joining', 1);
  expect((await heard(ada, 'joining'))[0].data).toEqual({ name: 'Bob' });
  const whisper = (name: string) => (window as unknown as EchoWindow).echo.join(name).whisper('typing', { draft: false });
  await bob.page.evaluate(whisper, `Room.${room}`);
  await expectHeard(ada, 'whisper', 1);
  await bob.page.evaluate((name) => (window as unknown as EchoWindow).echo.leave(name), `Room.${room}`);
  await expectHeard(ada, 'leaving', 1);
});
