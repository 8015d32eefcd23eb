// A message on its way: shown at once, never lost, never twice.
import { expect, test, unique } from '../support/test.ts';

const NOT_SENT = 'Not sent. The server cannot be reached. Please try again.';

test('what one sends is shown at once, and becomes the committed message', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('At once')));
  const release = await ada.hold('**/api/messages/post');
  await ada.say('first');
  await ada.say('second');
  for (const text of ['first', 'second']) {
    await expect(ada.message(text)).toHaveCount(1);
    await expect(ada.message(text).getByText('Sending')).toBeVisible();
    await expect(ada.message(text)).not.toHaveAttribute('id');
  }
  await expect(ada.composer).toBeFocused();
  release();
  for (const text of ['first', 'second']) {
    await expect(ada.message(text)).toHaveAttribute('id', /^message-\d+$/);
    await expect(ada.message(text)).toHaveCount(1);
  }
  await expect(ada.messages.getByText(/^(first|second)$/)).toHaveText(['first', 'second']);
  await ada.expectSamePage();
});

test('a message that does not get through stays, marked, until it does', async ({ as, server }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Away')));
  ada.guard.allowOutage();
  await server.stop();
  await ada.say('is anybody there?');
  const message = ada.message('is anybody there?');
  await expect(message.getByRole('alert')).toContainText(NOT_SENT);
  await ada.composer.fill('meanwhile I write on');
  await server.start();
  await message.getByRole('button', { name: 'Try again' }).click();
  await expect(message).toHaveAttribute('id', /^message-\d+$/);
  await expect(message).toHaveCount(1);
  await expect(ada.page.getByRole('alert')).toHaveCount(0);
  await expect(ada.composer).toHaveValue('meanwhile I write on');
  await ada.expectSamePage();
});

test('a message that does not get through can be discarded', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Discard'));
  await ada.enter(room);
  ada.guard.allow(/messages\/post/);
  await ada.page.route('**/api/messages/post', (route) => route.abort('connectionreset'));
  await ada.say('not so important');
  await ada.message('not so important').getByRole('button', { name: 'Discard' }).click();
  await expect(ada.messages).toHaveCount(0);
  await ada.page.reload();
  await ada.wire.hears(`private-Room.${room}`);
  await expect(ada.messages).toHaveCount(0);
});

test('a message whose answer got lost is there once, without a second try', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Lost')));
  ada.guard.allow(/messages\/post/);
  await ada.page.route('**/api/messages/post', async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  await ada.say('only once');
  await expect(ada.message('only once')).toHaveAttribute('id', /^message-\d+$/);
  await expect(ada.messages).toHaveCount(1);
  await expect(ada.page.getByRole('alert')).toHaveCount(0);
});

test('a message whose answer got lost is sent again without live updates, and is one row and one article', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Twice'));
  ada.guard.allow(/messages\/post/, /pusher\/key/);
  await ada.page.route('/rest/pusher/key', (route) => route.abort('connectionreset'));
  const asked = ada.page.waitForRequest('/rest/pusher/key');
  await ada.page.goto(`/rooms/${room}`);
  await asked;
  let posts = 0;
  await ada.page.route('**/api/messages/post', async (route) => {
    posts += 1;
    const answer = await route.fetch();
    await (posts === 1 ? route.abort('connectionreset') : route.fulfill({ response: answer }));
  });
  await ada.say('only once');
  const message = ada.message('only once');
  await expect(message.getByRole('alert')).toContainText(NOT_SENT);
  await message.getByRole('button', { name: 'Try again' }).click();
  await expect(message).toHaveAttribute('id', /^message-\d+$/);
  expect(posts).toBe(2);
  await ada.page.reload();
  await expect(ada.messages).toHaveCount(1);
});

for (const arrived of [false, true]) {
  const where = arrived ? 'on its way back' : 'on its way';
  test(`a message whose page was loaded again while it was ${where} is sent, once`, async ({ as }) => {
    const ada = await as('ada');
    const room = await ada.makeRoom(unique('Reload'));
    await ada.enter(room);
    let posts = 0;
    await ada.page.route('**/api/messages/post', async (route) => {
      posts += 1;
      if (posts > 1) return route.continue();
      if (arrived) await route.fetch();
      // Its answer never comes.
      await new Promise(() => {});
    });
    await ada.say('in between');
    if (arrived) await expect(ada.message('in between')).toHaveAttribute('id', /^message-\d+$/);
    await expect.poll(() => posts).toBe(1);
    await ada.page.reload();
    await ada.wire.hears(`private-Room.${room}`);
    await expect(ada.message('in between')).toHaveAttribute('id', /^message-\d+$/);
    await expect(ada.messages).toHaveCount(1);
  });
}

test('a draft is kept for each room, and survives a reload of the page', async ({ as }) => {
  const ada = await as('ada');
  const [one, two] = [await ada.makeRoom(unique('One')), await ada.makeRoom(unique('Two'))];
  await ada.enter(one);
  await ada.composer.fill('half a thought\nabout one');
  await ada.enter(two);
  await expect(ada.composer).toHaveValue('');
  await ada.composer.fill('about two');
  await ada.enter(one);
  await expect(ada.composer).toHaveValue('half a thought\nabout one');
  await ada.page.reload();
  await expect(ada.composer).toHaveValue('half a thought\nabout one');
  await ada.wire.hears(`private-Room.${one}`);
  await ada.composer.press('Enter');
  await expect(ada.message('half a thought')).toHaveAttribute('id', /^message-\d+$/);
  await ada.enter(one);
  await expect(ada.composer).toHaveValue('');
  await ada.enter(two);
  await expect(ada.composer).toHaveValue('about two');
});

test('signing out leaves no draft behind', async ({ anyone }) => {
  const visitor = await anyone();
  await visitor.page.goto('/sign-in');
  await visitor.signIn('dan@example.org');
  await expect(visitor.composer).toBeVisible();
  await visitor.wire.hears('private-Team.1');
  await visitor.composer.fill('for my eyes only');
  await expect.poll(() => visitor.page.evaluate(() => JSON.stringify({ ...localStorage }))).toContain('my eyes');
  await visitor.button('Sign out').click();
  await expect(visitor.page).toHaveURL('/sign-in');
  expect(await visitor.page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain('my eyes');
});

test('nothing is said in the name of whoever signs in after a page was opened', async ({ emptyServer, anyone }) => {
  const eve = await anyone({ server: emptyServer });
  await eve.signUpFirst('Eve', 'eve@example.org');
  const bea = await anyone({ server: emptyServer });
  await bea.join(eve, 'Bea', 'bea@example.org');
  // Without live updates a page hears of no session's end.
  await eve.page.goto('/people/2');
  await eve.button('Turn off live updates: Bea').click();
  await expect(eve.page.getByText('Live updates off')).toBeVisible();
  bea.guard.allow(/^answer 40[13]: /);
  await bea.page.goto('/rooms/1');
  await expect(bea.page.getByRole('status').filter({ hasText: 'Live updates are off' })).toBeVisible();
  const other = await bea.tab();
  await other.page.goto('/sign-in');
  await other.signIn('eve@example.org');
  await expect(other.button('Sign out')).toBeVisible();
  await bea.say('in whose name?');
  await expect(bea.page.getByText('Please sign in first.')).toBeVisible();
  await other.enter(1);
  await expect(other.message('in whose name?')).toHaveCount(0);
  await other.button('Sign out').click();
  await expect(bea.heading('You are signed out')).toBeVisible();
});
