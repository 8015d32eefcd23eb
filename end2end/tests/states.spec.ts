// What pages look like when something is open, under way, refused or has failed, in every look.
import { expectNoSidewaysScrolling, inspect, looks } from '../support/appearance.ts';
import { choose, picture, tray, text } from '../support/payloads.ts';
import { expect, test, unique, type Visitor } from '../support/test.ts';

test.use({ world: 'states' });

const PLANS = '/rooms/2';

/** A room in which about everything was said that can be said. */
async function summerParty(ada: Visitor, bob: Visitor, cleo: Visitor): Promise<number> {
  const room = await ada.makeRoom(unique('Summer party'));
  await ada.post(room, 'Who brings what on **Saturday**? So far:\n\n- drinks: Ada\n- salads: Bob and Cleo\n- something sweet: nobody');
  const salad = await bob.post(room, 'I make the potato salad, as every year.');
  await cleo.call('messages/post', { room, body: 'With egg? @Bob', client_id: unique('egg'), reply_to: salad });
  for (const [who, emoji] of [[ada, '🥔'], [cleo, '🥔'], [cleo, '🎉']] as const) {
    await who.call('reactions/toggle', { message: salad, emoji });
  }
  await bob.post(room, 'The playlist makes itself:\n\n```python\nfor song in sorted(wishes, key=votes, reverse=True):\n    queue.add(song)\n```');
  await cleo.call('messages/delete', { id: await cleo.post(room, 'Never mind.') });
  await bob.call('messages/edit', { id: await bob.post(room, 'The garden is ours until 10.'), body: 'The garden is ours until 11. See <https://example.org/garden>.' });
  await bob.enter(room);
  await choose(bob, [picture('evening.png', 640, 280), text('directions.txt', 'Left at the mill.')]);
  await expect(tray(bob)).toHaveCount(2);
  await bob.say('This is how it looks in the evening.');
  await expect(bob.message('in the evening').getByRole('img')).toBeVisible();
  return room;
}

for (const { look, as: name } of looks) {
  test(`a room in which much was said, ${name}`, async ({ as }) => {
    test.slow();
    const [ada, bob, cleo] = [await as('ada', look), await as('bob', look), await as('cleo')];
    const room = await summerParty(ada, bob, cleo);
    await ada.enter(room);
    const evening = ada.message('in the evening').getByRole('img');
    await expect.poll(() => evening.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    await cleo.enter(room);
    await cleo.composer.fill('I have');
    await expect(ada.page.getByText('Cleo is typing')).toBeVisible();
    await inspect(ada, 'talk', name);
    await ada.openMenu('The playlist makes itself');
    await expect(ada.page.locator('[popover]:popover-open')).toBeVisible();
    await inspect(ada, 'menu', name);
    await ada.page.keyboard.press('Escape');
    await choose(ada, [picture('tent.png', 64, 64), text('list of a very long name for a file that says everything.txt')]);
    await expect(tray(ada)).toHaveCount(2);
    await inspect(ada, 'tray', name);

    await bob.page.goto('/inbox');
    await bob.wire.hears('private-User.2');
    await cleo.post(room, 'Which mill, @Bob?');
    await expect(bob.page.getByRole('main').getByText('Which mill,').first()).toBeVisible();
    await inspect(bob, 'inbox filled', name);
    await bob.enter(1);
    await ada.post(room, 'Are you there, @Bob?');
    await expect(bob.page.locator('.toasts').getByRole('link')).toBeVisible();
    await inspect(bob, 'toast', name);
    await bob.page.keyboard.press('Control+k');
    await bob.page.keyboard.type('salad');
    await expect(bob.page.getByRole('group', { name: 'Messages' }).getByRole('option').first()).toBeVisible();
    await inspect(bob, 'palette', name);
    await bob.page.goto('/search?q=salad');
    await bob.wire.hears('private-Team.1');
    await inspect(bob, 'search found', name);
    await bob.call('exports/order', { room });
    await bob.page.goto('/exports');
    await expect(bob.page.getByRole('link', { name: /^Download/ }).first()).toBeVisible();
    await bob.wire.hears('private-Team.1');
    await inspect(bob, 'exports filled', name);
  });

  test(`questions and refusals, ${name}`, async ({ as, anyone }) => {
    const ada = await as('ada', look);
    await ada.page.goto(`${PLANS}/settings`);
    await ada.button('Delete room').click();
    await expect(ada.button('Yes, delete it')).toBeVisible();
    await inspect(ada, 'question', name);

    const visitor = await anyone(look);
    visitor.guard.expect(422, '/api/people/sign_in');
    visitor.guard.expect(403, '/rest/pusher/key');
    await visitor.page.goto('/sign-in');
    await visitor.signIn('ada@example.org', 'not her password');
    await expect(visitor.page.getByRole('alert')).toBeVisible();
    await inspect(visitor, 'refused', name);
    await visitor.signIn('ada@example.org');
    await visitor.wire.hears('private-Team.1');
    await visitor.call('people/sign_out', {});
    await expect(visitor.heading('You are signed out')).toBeVisible();
    await inspect(visitor, 'signed out', name);
  });

  test(`what is under way and what has failed, ${name}`, async ({ as, cable }) => {
    const ada = await as('ada', { ...look, baseURL: cable.url });
    const room = await ada.makeRoom('Under way');
    for (let number = 1; number <= 30; number += 1) await ada.post(room, `A word about number ${number}.`);
    await ada.enter(room);
    await ada.page.getByRole('log').press('Home');
    await (await as('bob')).post(room, 'Has anybody read this?');
    await expect(ada.button('1 new message ↓')).toBeVisible();
    await inspect(ada, 'newer', name);
    ada.guard.allowOutage();
    cable.pull();
    await ada.composer.fill('This will not get through at once.');
    await ada.composer.press('Enter');
    await expect(ada.button('Try again')).toBeVisible();
    await expect(ada.page.getByText('Connection lost.')).toBeVisible({ timeout: 15_000 });
    await inspect(ada, 'failed', name);
    cable.plugIn();
    await ada.button('Try again').click();
    await expect(ada.page.getByText('Connection lost.')).toHaveCount(0, { timeout: 15_000 });
    await expect(ada.message('This will not get through at once.')).toHaveCount(1);
  });
}

for (const size of [1280, 360]) {
  test(`long words and names do not widen a page of ${size} pixels`, async ({ as }) => {
    const ada = await as('ada', { viewport: { width: size, height: 740 } });
    const room = await ada.makeRoom('W'.repeat(80), ['dan']);
    const id = await ada.post(room, `${'M'.repeat(400)} https://example.org/${'m'.repeat(400)}`);
    for (const path of [`/rooms/${room}`, `/rooms/${room}?edit=${id}`, `/rooms/${room}/settings`, '/rooms']) {
      await ada.page.goto(path);
      await ada.wire.hears(`private-Room.${room}`);
      await expectNoSidewaysScrolling(ada);
    }
  });
}
