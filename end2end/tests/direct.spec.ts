// Direct messages: between two, among three, and nobody else.
import { expect, people, test, unique } from '../support/test.ts';

test('two people talk, and a third does not know of it', async ({ as }) => {
  const [ada, bob, dan] = [await as('ada'), await as('bob'), await as('dan')];
  const here = await ada.makeRoom(unique('Here'));
  await Promise.all([ada.enter(here), bob.enter(here)]);
  await ada.page.getByRole('link', { name: 'New message' }).click();
  await ada.page.getByLabel('Filter').fill('da');
  await expect(ada.page.getByRole('checkbox', { name: 'Bob' })).toBeHidden();
  await ada.page.getByRole('checkbox', { name: 'Dan' }).check();
  await ada.page.getByLabel('Filter').fill('');
  await ada.page.getByRole('checkbox', { name: 'Dan' }).uncheck();
  await ada.page.getByRole('checkbox', { name: 'Bob' }).check();
  await ada.button('Open conversation').click();
  await expect(ada.heading('Bob')).toBeVisible();
  await expect(ada.page.getByRole('main').getByText('Direct messages')).toBeVisible();
  const room = Number(new URL(ada.page.url()).pathname.split('/').pop());
  const word = unique('psst');
  await ada.say(word);

  const ofBob = bob.page.getByRole('list', { name: 'Direct messages' }).getByRole('link', { name: 'Ada', exact: true });
  await ofBob.click();
  await expect(bob.heading('Ada')).toBeVisible();
  await bob.wire.hears(`private-Room.${room}`);
  await expect(bob.message(word)).toHaveCount(1);
  await bob.say(`${word} yourself`);
  await expect(ada.message(`${word} yourself`)).toHaveCount(1);
  await bob.expectSamePage();
  expect(await bob.call('rooms/direct', { 'people[]': people.ada.id }), 'they meet in the same room').toBe(room);

  dan.guard.expect(404, `/rooms/${room}`);
  await dan.page.goto(`/rooms/${room}`);
  await expect(dan.heading('Not found')).toBeVisible();
  await expect(dan.nav.getByRole('link', { name: 'Ada, Bob' })).toHaveCount(0);
});

test('three people talk; the conversation with the newest word comes first', async ({ as }) => {
  const [ada, bob, cleo] = [await as('ada'), await as('bob'), await as('cleo')];
  const [bobs, theirs] = [
    (await ada.call('rooms/direct', { 'people[]': people.bob.id })) as number,
    (await ada.call('rooms/direct', { 'people[0]': people.bob.id, 'people[1]': people.cleo.id })) as number,
  ];
  await ada.post(theirs, 'to all of us');
  await bob.post(bobs, 'to the two of us');
  await ada.enter(theirs);
  await expect(ada.heading('Bob, Cleo')).toBeVisible();
  const direct = ada.page.getByRole('list', { name: 'Direct messages' }).locator('.name');
  const order = async () => (await direct.allTextContents()).filter((name) => ['Bob', 'Bob, Cleo'].includes(name.trim()));
  await expect.poll(order).toEqual(['Bob', 'Bob, Cleo']);

  await cleo.enter(theirs);
  await expect(cleo.heading('Ada, Bob')).toBeVisible();
  await cleo.say('I am here, too');
  await expect(ada.message('I am here, too').last()).toBeVisible();
  await expect.poll(order).toEqual(['Bob, Cleo', 'Bob']);
  await ada.expectSamePage();
});

test('a direct conversation keeps its people', async ({ as }) => {
  const bob = await as('bob');
  const room = (await bob.call('rooms/direct', { 'people[]': people.cleo.id })) as number;
  await bob.page.goto(`/rooms/${room}/settings`);
  await expect(bob.heading('Room settings')).toBeVisible();
  await expect(bob.page.getByRole('main').getByText('Cleo').first()).toBeVisible();
  for (const name of ['Rename', 'Delete room', 'Leave room', 'Add to room']) {
    await expect(bob.button(name)).toHaveCount(0);
  }
});

test('a conversation is opened without JavaScript', async ({ as }) => {
  const cleo = await as('cleo', { javaScriptEnabled: false });
  await cleo.page.goto('/rooms/direct/new');
  cleo.guard.expect(422, '/api/rooms/direct');
  await cleo.button('Open conversation').click();
  await expect(cleo.page.getByRole('alert')).toContainText('choose at least one');
  await cleo.page.getByRole('checkbox', { name: 'Dan' }).check();
  await cleo.button('Open conversation').click();
  await expect(cleo.heading('Dan')).toBeVisible();
});
