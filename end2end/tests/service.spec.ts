// Over a foreign service: an outage of it holds up nobody who writes, and loses nothing for those who listen.
import { overService } from '../support/service.ts';
import { expect, test, unique } from '../support/test.ts';

test.skip(!overService, 'notices go over the embedded hub');

const OUTAGE = 60_000;

test('a minute without the service: every post succeeds at once, and afterwards every page is complete', async ({ as, server }) => {
  test.setTimeout(3 * OUTAGE);
  const [ada, ...listeners] = [await as('ada'), await as('bob'), await as('cleo'), await as('dan')];
  const room = await ada.makeRoom(unique('Outage'));
  for (const listener of listeners) {
    await listener.enter(room);
    listener.guard.allowOutage();
  }
  await ada.post(room, 'before');
  for (const listener of listeners) await expect(listener.message('before')).toHaveCount(1);
  await server.service!.stop();
  const until = Date.now() + OUTAGE;
  let posts = 0;
  while (Date.now() < until) {
    // Ten seconds are what a request to the service may take: nobody who writes has waited for one.
    await expect(Promise.race([ada.post(room, `number ${++posts}.`), tooLate(5_000)])).resolves.toBeGreaterThan(0);
    await new Promise((next) => setTimeout(next, 1_000));
  }
  await server.service!.start();
  for (const listener of listeners) {
    await expect(listener.message(`number ${posts}.`)).toHaveCount(1, { timeout: 60_000 });
    await listener.wire.hears(`private-Room.${room}`);
  }
  await ada.post(room, 'after');
  for (const listener of listeners) {
    await expect(listener.message('after')).toHaveCount(1);
    await expect(listener.messages).toHaveCount(posts + 2);
    await listener.expectSamePage();
  }
});

test('what waits when Earshot stops is sent once both are there again', async ({ as, server }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Kept'));
  await server.service!.stop();
  for (const number of [1, 2, 3]) await ada.post(room, `kept ${number}`);
  await server.restart();
  // Whoever listens from now on has read all three already, and hears them all the same: in order.
  await bob.enter(room);
  await ada.post(room, 'and one more');
  await expect(bob.message('and one more')).toHaveCount(1);
  const heard = bob.wire.heard('posted', `private-Room.${room}`).map((frame) => Number(frame.data.seq));
  expect(heard).toEqual([...heard].sort((one, other) => one - other));
});

async function tooLate(milliseconds: number): Promise<number> {
  await new Promise((over) => setTimeout(over, milliseconds).unref());
  return 0;
}
