// Rooms: they come, change and go on everyone's page by themselves.
import { expect, test, unique } from '../support/test.ts';

test("a new open room appears in everyone's list", async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const name = unique('Open');
  await bob.enter(await ada.makeRoom(unique('Here')));
  await ada.page.goto('/rooms');
  await ada.wire.hears('private-Team.1');
  await ada.page.getByRole('link', { name: 'New room' }).click();
  await ada.page.getByLabel('Room name').fill(name);
  await ada.button('Create room').click();
  await expect(ada.heading(name)).toBeVisible();
  await expect(ada.page).toHaveURL(/\/rooms\/\d+$/);
  await expect(ada.page.getByRole('main').getByText('Open to everyone')).toBeVisible();
  await expect(ada.room(name)).toHaveCount(1);
  await expect(bob.room(name)).toHaveCount(1);
  await bob.expectSamePage();

  await bob.room(name).click();
  await expect(bob.heading(name)).toBeVisible();
  await ada.say('the first word');
  await expect(bob.message('the first word')).toHaveCount(1);
  await bob.expectSamePage();
});

test('a new closed room appears for its maker and not for others', async ({ as }) => {
  const [bob, dan] = [await as('bob'), await as('dan')];
  const [closed, open] = [unique('Closed'), unique('Open')];
  await dan.enter(await bob.makeRoom(unique('Here')));
  await bob.page.goto('/rooms/new');
  await bob.wire.hears('private-Team.1');
  await bob.page.getByLabel('Room name').fill(closed);
  await bob.page.getByRole('checkbox', { name: 'Closed' }).check();
  await bob.button('Create room').click();
  await expect(bob.heading(closed)).toBeVisible();
  await expect(bob.page.getByRole('main').getByText('Members only')).toBeVisible();
  await expect(bob.room(closed)).toHaveCount(1);
  // Dan is told of this later one, so he would have been told of the closed one by now.
  await bob.makeRoom(open);
  await expect(dan.room(open)).toHaveCount(1);
  await expect(dan.room(closed)).toHaveCount(0);
});

test('who is added finds the room in the list, and who is removed loses it at once', async ({ as }) => {
  const [bob, dan] = [await as('bob'), await as('dan')];
  const name = unique('Secret');
  const [room, elsewhere] = [await bob.makeRoom(name, []), await bob.makeRoom(unique('Elsewhere'))];
  await dan.enter(elsewhere);
  await bob.page.goto(`/rooms/${room}/settings`);
  await bob.page.getByLabel('Person').selectOption('Dan');
  await bob.button('Add to room').click();
  await expect(bob.button('Remove Dan')).toBeVisible();
  await expect(bob.page).toHaveURL(`/rooms/${room}/settings`);
  await expect(dan.room(name)).toHaveCount(1);
  await dan.room(name).click();
  await expect(dan.heading(name)).toBeVisible();
  await dan.wire.hears(`private-Room.${room}`);
  await dan.say('I am in');
  await dan.expectSamePage();

  await bob.button('Remove Dan').click();
  await expect(bob.button('Remove Dan')).toHaveCount(0);
  await expect(dan.room(name)).toHaveCount(0);
  await expect(dan.page.getByText('Bob has removed you from this room.')).toBeVisible();
  await expect(dan.heading('Not found')).toBeVisible();
  await expect(dan.message('I am in')).toHaveCount(0);
  await expect(dan.composer).toHaveCount(0);
  await dan.expectSamePage();
  dan.guard.expect(404, `/rooms/${room}`);
  // The page asked what had become of its room.
  dan.guard.allow(/^answer 404: POST \/api\/(rooms\/get|messages\/page)$/);
  expect((await dan.page.reload())?.status()).toBe(404);
  await expect(dan.heading('Not found')).toBeVisible();
});

test("a new name appears in others' header and list, and in the page's title", async ({ as }) => {
  const [ada, bob, dan] = [await as('ada'), await as('bob'), await as('dan')];
  const [before, after] = [unique('Before'), unique('After')];
  const room = await ada.makeRoom(before);
  await bob.enter(room);
  await dan.enter(await ada.makeRoom(unique('Elsewhere')));
  await ada.page.goto(`/rooms/${room}`);
  await ada.page.getByRole('link', { name: 'Settings' }).click();
  await expect(ada.page.getByLabel('Room name')).toHaveValue(before);
  await ada.page.getByLabel('Room name').fill(after);
  await ada.button('Rename').click();
  await expect(ada.room(after)).toHaveCount(1);
  for (const other of [bob, dan]) {
    await expect(other.room(after)).toHaveCount(1);
    await expect(other.room(before)).toHaveCount(0);
    await other.expectSamePage();
  }
  await expect(bob.heading(after)).toBeVisible();
  // What waits for Bob from other tests may be counted before it.
  await expect(bob.page).toHaveTitle(new RegExp(`${after} · Earshot$`));
});

test('who leaves is out, in every tab', async ({ as }) => {
  const [bob, cleo] = [await as('bob'), await as('cleo')];
  const name = unique('Left');
  const room = await bob.makeRoom(name, ['cleo']);
  const other = await cleo.tab();
  await other.enter(room);
  await cleo.page.goto(`/rooms/${room}/settings`);
  await expect(cleo.page.getByLabel('Room name')).toHaveCount(0);
  await cleo.button('Leave room').click();
  await expect(cleo.page).toHaveURL('/rooms');
  await expect(cleo.room(name)).toHaveCount(0);
  cleo.guard.allow(/^answer 404: POST \/api\/(rooms\/get|messages\/page)$/);
  await expect(other.page.getByText('You have left this room.')).toBeVisible();
  await expect(other.heading('Not found')).toBeVisible();
  await expect(other.room(name)).toHaveCount(0);
  await other.expectSamePage();
  expect(await cleo.authStatus(`private-Room.${room}`)).toBe(403);
});

test('the last member is told why they cannot leave', async ({ as }) => {
  const bob = await as('bob');
  const room = await bob.makeRoom(unique('Alone'), []);
  bob.guard.expect(422, '/api/rooms/leave');
  await bob.page.goto(`/rooms/${room}/settings`);
  await bob.button('Leave room').click();
  await expect(bob.page.getByRole('alert')).toHaveText('The last member cannot leave. Please delete the room instead.');
  await expect(bob.page).toHaveURL(`/rooms/${room}/settings`);
});

test('a deleted room is gone from every page', async ({ as }) => {
  const [ada, bob, dan] = [await as('ada'), await as('bob'), await as('dan')];
  const name = unique('Deleted');
  const room = await ada.makeRoom(name);
  await bob.enter(room);
  await dan.enter(await ada.makeRoom(unique('Elsewhere')));
  await expect(dan.room(name)).toHaveCount(1);
  await dan.wire.hears(`private-Room.${room}`);
  await ada.page.goto(`/rooms/${room}/settings`);
  await ada.button('Delete room').click();
  await ada.button('Yes, delete it').click();
  await expect(ada.page).toHaveURL('/rooms');
  await expect(ada.room(name)).toHaveCount(0);
  bob.guard.allow(/^answer 404: POST \/api\/(rooms\/get|messages\/page)$/);
  await expect(bob.page.getByText('Ada has deleted this room.')).toBeVisible();
  await expect(bob.heading('Not found')).toBeVisible();
  for (const other of [bob, dan]) {
    await expect(other.room(name)).toHaveCount(0);
    await other.expectSamePage();
  }
});

test('only the owner and administrators are offered to change a room', async ({ as }) => {
  const [bob, cleo, ada] = [await as('bob'), await as('cleo'), await as('ada')];
  const room = await bob.makeRoom(unique('Owned'), ['cleo']);
  for (const [visitor, offered] of [[bob, 1], [cleo, 0], [ada, 1]] as const) {
    await visitor.page.goto(`/rooms/${room}/settings`);
    await expect(visitor.page.getByRole('heading', { name: 'Members' })).toBeVisible();
    await expect(visitor.button('Rename')).toHaveCount(offered);
    await expect(visitor.button('Delete room')).toHaveCount(offered);
    await expect(visitor.button('Remove Cleo')).toHaveCount(offered);
  }
});
