// People: the first one, signing in and out, and the role that admits to live updates.
import { expect, people, test, unique } from '../support/test.ts';

test('the first visitor of an empty server becomes its administrator, and the next one does not', async ({ emptyServer, anyone }) => {
  const first = await anyone({ server: emptyServer });
  await first.page.goto('/');
  await expect(first.page).toHaveURL('/sign-up');
  await expect(first.page.getByText("This first account will be the administrator's.")).toBeVisible();
  await first.signUp('Eve', 'eve@example.org');
  await expect(first.heading('Invite your team')).toBeVisible();
  const link = await first.page.getByLabel('Join link', { exact: true }).inputValue();
  await first.page.getByRole('link', { name: 'People', exact: true }).click();
  await expect(first.page.getByRole('listitem').filter({ hasText: 'eve@example.org' })).toContainText('Administrator');

  const next = await anyone({ server: emptyServer });
  await next.page.goto('/');
  await expect(next.page).toHaveURL(/\/sign-in/);
  await next.page.getByRole('link', { name: 'Sign up' }).click();
  await expect(next.page.getByText('Ask for the join link')).toBeVisible();
  await expect(next.button('Sign up')).toHaveCount(0);
  await next.page.goto(link);
  await expect(next.page.getByText('Nobody is here yet')).toHaveCount(0);
  await next.signUp('Finn', 'finn@example.org');
  await expect(next.heading('Lounge')).toBeVisible();
  await expect(next.page.getByRole('link', { name: 'People' })).toHaveCount(0);
  next.guard.expect(403, '/people');
  await next.page.goto('/people');
  await expect(next.heading('Not allowed')).toBeVisible();
});

test('a wrong password is told, and the email stays typed', async ({ anyone }) => {
  const visitor = await anyone();
  visitor.guard.expect(422, '/api/people/sign_in');
  await visitor.page.goto('/sign-in');
  await visitor.signIn(people.ada.email, 'not her password');
  await expect(visitor.page.getByRole('alert')).toHaveText('Email or password is wrong.');
  await expect(visitor.page.getByLabel('Email')).toHaveValue(people.ada.email);
  await expect(visitor.page.getByLabel('Password')).toHaveValue('');
  await expect(visitor.page).toHaveURL('/sign-in');
  await visitor.signIn(people.ada.email);
  await expect(visitor.button('Sign out')).toBeVisible();
});

test('an email address that is taken is told, and name and email stay typed', async ({ anyone, as }) => {
  const visitor = await anyone();
  visitor.guard.expect(422, '/api/people/sign_up');
  await visitor.page.goto(await (await as('ada')).joinLink());
  // With the password of that account one would be signed in.
  await visitor.signUp('Another Ada', people.ada.email, 'another password');
  await expect(visitor.page.getByRole('alert')).toContainText('There is an account with this email address already.');
  await expect(visitor.page.getByLabel('Name')).toHaveValue('Another Ada');
  await expect(visitor.page.getByLabel('Email')).toHaveValue(people.ada.email);
});

test('whoever signs in gets to where they wanted to go', async ({ as, anyone }) => {
  const room = await (await as('ada')).makeRoom(unique('Wanted'));
  const visitor = await anyone();
  await visitor.page.goto(`/rooms/${room}/settings`);
  await expect(visitor.page).toHaveURL(`/sign-in?next=${encodeURIComponent(`/rooms/${room}/settings`)}`);
  await visitor.signIn(people.ada.email);
  await expect(visitor.page).toHaveURL(`/rooms/${room}/settings`);
  await expect(visitor.heading('Room settings')).toBeVisible();
});

test('signing in leads to no other site', async ({ anyone, server }) => {
  const visitor = await anyone();
  await visitor.page.goto('/sign-in?next=//example.org/');
  await visitor.signIn(people.cleo.email);
  await expect(visitor.button('Sign out')).toBeVisible();
  expect(new URL(visitor.page.url()).origin).toBe(server.url);
});

test('after signing out nothing of the inside is shown, in no tab', async ({ anyone }) => {
  const visitor = await anyone();
  await visitor.page.goto('/sign-in');
  await visitor.signIn(people.cleo.email);
  await expect(visitor.composer).toBeVisible();
  const session = await visitor.context.storageState();
  await visitor.button('Sign out').click();
  await expect(visitor.page).toHaveURL('/sign-in');
  await visitor.page.goto('/rooms');
  await expect(visitor.page).toHaveURL('/sign-in?next=%2Frooms');
  await expect(visitor.nav).toHaveCount(0);

  const keptTheCookie = await anyone({ storageState: session });
  await keptTheCookie.page.goto('/rooms');
  await expect(keptTheCookie.page).toHaveURL('/sign-in?next=%2Frooms');
});

test('a session that ends in one tab is over in the others, which keep nothing in sight', async ({ anyone }) => {
  const visitor = await anyone();
  await visitor.page.goto('/sign-in');
  await visitor.signIn(people.dan.email);
  await expect(visitor.composer).toBeVisible();
  const other = await visitor.tab();
  visitor.guard.expect(403, '/rest/pusher/key');
  const room = await visitor.makeRoom(unique('Session'));
  await other.enter(room);
  await visitor.button('Sign out').click();
  await expect(other.heading('You are signed out')).toBeVisible();
  await expect(other.nav).toHaveCount(0);
  await expect(other.composer).toHaveCount(0);
  await other.expectSamePage();
  await other.page.getByRole('link', { name: 'Sign in' }).click();
  await other.signIn(people.dan.email);
  await expect(other.page).toHaveURL(`/rooms/${room}`);
  await expect(other.composer).toBeVisible();
});

test('who is deactivated is out at once, and in again when brought back', async ({ emptyServer, anyone }) => {
  const [admin, finn] = [await anyone({ server: emptyServer }), await anyone({ server: emptyServer })];
  await admin.signUpFirst('Eve', 'eve@example.org');
  await finn.join(admin, 'Finn', 'finn@example.org');
  const room = await finn.makeRoom('Den');
  await finn.post(room, 'what stays');
  await finn.enter(room);
  await admin.page.goto('/people');
  await admin.page.getByRole('main').getByRole('link', { name: 'Finn' }).click();
  finn.guard.expect(403, '/rest/pusher/key');
  await admin.button('Deactivate: Finn').click();
  await expect(admin.page.getByText('Deactivated', { exact: true })).toBeVisible();
  await expect(finn.heading('You are signed out')).toBeVisible();
  await expect(finn.message('what stays')).toHaveCount(0);
  await finn.expectSamePage();

  finn.guard.expect(403, '/api/people/sign_in');
  await finn.page.getByRole('link', { name: 'Sign in' }).click();
  await finn.signIn('finn@example.org');
  await expect(finn.page.getByRole('alert')).toContainText('This account has been deactivated.');
  await admin.button('Bring back: Finn').click();
  await expect(admin.button('Deactivate: Finn')).toBeVisible();
  await finn.signIn('finn@example.org');
  await expect(finn.page).toHaveURL(`/rooms/${room}`);
  await expect(finn.message('what stays')).toHaveCount(1);
  await admin.page.goto(`/rooms/${room}`);
  await expect(admin.message('what stays')).toHaveCount(1);
});

test('an administrator takes live updates away and gives them back', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Roles'));
  await bob.enter(room);
  await ada.page.goto(`/people/${people.bob.id}`);
  await ada.wire.hears(`private-User.${people.ada.id}`);
  await ada.button('Turn off live updates: Bob').click();
  await expect(ada.page.getByText('Live updates off')).toBeVisible();

  bob.guard.expect(403, '/rest/pusher/key');
  const off = bob.page.getByRole('status').filter({ hasText: 'Live updates are off' });
  await expect(off).toBeVisible();
  await bob.expectSamePage();
  expect((await bob.context.request.get('/rest/pusher/key')).status()).toBe(403);
  expect(await bob.authStatus(`private-Room.${room}`)).toBe(403);

  await ada.post(room, 'news for Bob');
  await bob.say('my own words');
  await expect(bob.message('my own words')).toHaveCount(1);
  await expect(bob.message('news for Bob')).toHaveCount(0);
  await bob.page.reload();
  await expect(bob.message('news for Bob')).toHaveCount(1);
  await expect(bob.message('my own words')).toHaveCount(1);
  await expect(off).toBeVisible();

  await ada.button('Turn on live updates: Bob').click();
  await expect(ada.page.getByText('Live updates on', { exact: true })).toBeVisible();
  await bob.enter(room);
  await expect(off).toHaveCount(0);
  await ada.post(room, 'live again');
  await expect(bob.message('live again')).toHaveCount(1);
  await bob.expectSamePage();
});
