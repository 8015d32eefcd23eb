// What pages look like when something is open, under way, refused or has failed, in every look.
import { expectNoSidewaysScrolling, inspect, widths } from '../support/appearance.ts';
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

/** Says again and again that somebody types: others forget it after a while. */
async function keepTyping({ composer }: Visitor): Promise<void> {
  await composer.fill('I have');
  await composer.evaluate((field) => { setInterval(() => field.dispatchEvent(new InputEvent('input', { bubbles: true })), 500); });
}

for (const [width, viewport] of Object.entries(widths)) {
  test(`a room in which much was said, ${width}`, async ({ as }) => {
    test.slow();
    const [ada, bob, cleo] = [await as('ada', { viewport }), await as('bob', { viewport }), await as('cleo')];
    const room = await summerParty(ada, bob, cleo);
    await ada.enter(room);
    const evening = ada.message('in the evening').getByRole('img');
    await expect.poll(() => evening.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    await cleo.enter(room);
    await keepTyping(cleo);
    await expect(ada.page.getByText('Cleo is typing')).toBeVisible();
    await inspect(ada, 'talk', width);
    await ada.openMenu('The playlist makes itself');
    await expect(ada.page.locator('[popover]:popover-open')).toBeVisible();
    await inspect(ada, 'menu', width);
    await ada.page.keyboard.press('Escape');
    await choose(ada, [picture('tent.png', 64, 64), text('list of a very long name for a file that says everything.txt')]);
    await expect(tray(ada)).toHaveCount(2);
    await inspect(ada, 'tray', width);

    await bob.page.goto('/inbox');
    await bob.wire.hears('private-User.2');
    await cleo.post(room, 'Which mill, @Bob?');
    await expect(bob.page.getByRole('main').getByText('Which mill,').first()).toBeVisible();
    await inspect(bob, 'inbox filled', width);
    await bob.enter(1);
    await ada.post(room, 'Are you there, @Bob?');
    // It stays while it has the focus.
    await bob.page.locator('.toasts').getByRole('link').focus();
    await inspect(bob, 'toast', width);
    await bob.find('salad');
    await expect(bob.page.getByRole('group', { name: 'Messages' }).getByRole('option').first()).toBeVisible();
    await inspect(bob, 'palette', width);
    await bob.page.goto('/search?q=salad');
    await bob.wire.hears('private-Team.1');
    await inspect(bob, 'search found', width);
    await bob.call('exports/order', { room });
    await bob.page.goto('/exports');
    await expect(bob.page.getByRole('link', { name: /^Download/ }).first()).toBeVisible();
    await bob.wire.hears('private-Team.1');
    await inspect(bob, 'exports filled', width);
  });

  test(`questions and refusals, ${width}`, async ({ as, anyone }) => {
    const ada = await as('ada', { viewport });
    await ada.page.goto(`${PLANS}/settings`);
    await ada.button('Delete room').click();
    await expect(ada.button('Yes, delete it')).toBeVisible();
    await inspect(ada, 'question', width);

    const visitor = await anyone({ viewport });
    visitor.guard.expect(422, '/api/people/sign_in');
    visitor.guard.expect(403, '/rest/pusher/key');
    await visitor.page.goto('/sign-in');
    await visitor.signIn('ada@example.org', 'not her password');
    await expect(visitor.page.getByRole('alert')).toBeVisible();
    await inspect(visitor, 'refused', width);
    await visitor.signIn('ada@example.org');
    await visitor.wire.hears('private-Team.1');
    await visitor.call('people/sign_out', {});
    await expect(visitor.heading('You are signed out')).toBeVisible();
    await inspect(visitor, 'signed out', width);
  });

  test(`what is under way and what has failed, ${width}`, async ({ as, cable }) => {
    const ada = await as('ada', { viewport, baseURL: cable.url });
    const room = await ada.makeRoom('Under way');
    for (let number = 1; number <= 30; number += 1) await ada.post(room, `A word about number ${number}.`);
    await ada.enter(room);
    await ada.readFromTheTop();
    await (await as('bob')).post(room, 'Has anybody read this?');
    await expect(ada.button('1 new message ↓')).toBeVisible();
    await inspect(ada, 'newer', width);
    ada.guard.allowOutage();
    cable.pull();
    await ada.composer.fill('This will not get through at once.');
    await ada.composer.press('Enter');
    await expect(ada.button('Try again')).toBeVisible();
    await expect(ada.page.getByText('Connection lost.')).toBeVisible();
    await inspect(ada, 'failed', width);
    cable.plugIn();
    await ada.button('Try again').click();
    await expect(ada.page.getByText('Connection lost.')).toHaveCount(0);
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
