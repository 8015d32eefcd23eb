// Accounts: the join link, profiles, passwords, sessions, and what administrators do about people.
import { Server } from '../support/server.ts';
import { expect, test, type Visitor } from '../support/test.ts';

const EVE = 'eve@example.org';
const FINN = 'finn@example.org';

type Anyone = (options: { server: Server }) => Promise<Visitor>;

/** Eve, the administrator, and Finn, on a server of their own. */
async function pair(server: Server, anyone: Anyone): Promise<[Visitor, Visitor]> {
  const [eve, finn] = [await anyone({ server }), await anyone({ server })];
  await eve.signUpFirst('Eve', EVE);
  await finn.join(eve, 'Finn', FINN);
  return [eve, finn];
}

/** The same person in a browser of their own. */
async function again(server: Server, anyone: Anyone, email: string): Promise<Visitor> {
  const visitor = await anyone({ server });
  await visitor.page.goto('/sign-in');
  await visitor.signIn(email);
  await expect(visitor.button('Sign out')).toBeVisible();
  return visitor;
}

/** A picture that is red all over. */
async function red(visitor: Visitor): Promise<Buffer> {
  const url = await visitor.page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 300 });
    const context = canvas.getContext('2d');
    if (context) {
      context.fillStyle = 'red';
      context.fillRect(0, 0, 400, 300);
    }
    return canvas.toDataURL('image/png');
  });
  return Buffer.from(url.split(',')[1], 'base64');
}

test('the join link is shown with its code, copied, and made anew', async ({ emptyServer, anyone }) => {
  const eve = await anyone({ server: emptyServer });
  await eve.signUpFirst('Eve', EVE);
  await expect(eve.page.getByRole('img', { name: 'The join link as a QR code' }).locator('svg')).toBeVisible();
  await eve.button('Copy').click();
  await expect(eve.page.getByText('Copied.')).toBeVisible();
  const field = eve.page.getByLabel('Join link', { exact: true });
  const before = await field.inputValue();
  await eve.button('Make a new link').click();
  await eve.button('Yes, make a new one').click();
  await expect(field).not.toHaveValue(before);

  const finn = await anyone({ server: emptyServer });
  await finn.page.goto(before);
  await expect(finn.page.getByText('Ask for the join link')).toBeVisible();
  await finn.page.goto(await field.inputValue());
  await finn.signUp('Finn', FINN);
  await expect(finn.heading('Lounge')).toBeVisible();
});

test('another name and another picture are seen at once where somebody is shown', async ({ emptyServer, anyone }) => {
  const [eve, finn] = await pair(emptyServer, anyone);
  const room = await eve.makeRoom('Den');
  await finn.post(room, 'what Finn says');
  await eve.enter(room);
  await expect(eve.message('what Finn says')).toContainText('Finn');

  await finn.page.goto('/me');
  await finn.page.getByLabel('Name', { exact: true }).fill('<b>Fiona</b>');
  await finn.page.getByLabel('About you').fill('I bake.\n<script>alert(1)</script>');
  await finn.button('Save profile').click();
  await expect(eve.message('what Finn says').getByRole('link', { name: '<b>Fiona</b>' })).toBeVisible();

  const face = eve.message('what Finn says').locator('.avatar img');
  await expect(face).toHaveCount(0);
  await finn.page.getByLabel('A PNG, JPEG or WebP').setInputFiles({ name: 'me.txt', mimeType: 'text/plain', buffer: await red(finn) });
  await finn.button('Use this picture').click();
  await expect(finn.button('Remove picture')).toBeVisible();
  await expect(face).toBeVisible();
  expect(await face.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(256);
  await eve.expectSamePage();

  await eve.message('what Finn says').getByRole('link', { name: '<b>Fiona</b>' }).click();
  await expect(eve.heading('<b>Fiona</b>')).toBeVisible();
  await expect(eve.page.getByText('<script>alert(1)</script>')).toBeVisible();
  await finn.button('Remove picture').click();
  await expect(eve.page.locator('.profile .avatar img')).toHaveCount(0);
});

test('what is no picture is told, and the page stays', async ({ emptyServer, anyone }) => {
  const [, finn] = await pair(emptyServer, anyone);
  finn.guard.expect(422, '/me/picture');
  await finn.page.goto('/me');
  const svg = { name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') };
  await finn.page.getByLabel('A PNG, JPEG or WebP').setInputFiles(svg);
  await finn.button('Use this picture').click();
  await expect(finn.page.getByRole('alert')).toHaveText('Please choose a picture in PNG, JPEG or WebP.');
  await expect(finn.page).toHaveURL('/me');
});

test('another password ends every other session and is asked for from then on', async ({ emptyServer, anyone }) => {
  const [, finn] = await pair(emptyServer, anyone);
  const elsewhere = await again(emptyServer, anyone, FINN);
  await elsewhere.wire.hears('private-Team.1');
  finn.guard.expect(422, '/api/people/change_password');
  // The page that is being left hears that sessions have ended, and may ask with the cookie that is over.
  finn.guard.allow(/^answer 401: POST \/api\/sessions\/list$/, /^answer 401: POST \/api\/notices\/after$/);
  await finn.page.goto('/me');
  await finn.page.getByLabel('The one you have').fill('not this one');
  await finn.page.getByLabel('New password').fill('another horse');
  await finn.button('Change password').click();
  await expect(finn.page.getByRole('alert')).toHaveText('The password that you have now is another one.');
  elsewhere.guard.expect(403, '/rest/pusher/key');
  await finn.page.getByLabel('The one you have').fill('earshot-demo');
  await finn.page.getByLabel('New password').fill('another horse');
  await finn.button('Change password').click();
  await expect(finn.page.getByText('Your password has been changed.')).toBeVisible();
  await expect(elsewhere.heading('You are signed out')).toBeVisible();
  await elsewhere.page.getByRole('link', { name: 'Sign in' }).click();
  await elsewhere.signIn(FINN, 'another horse');
  await expect(elsewhere.button('Sign out')).toBeVisible();
});

test('one sees where one is signed in, ends one session, and then everywhere else', async ({ emptyServer, anyone }) => {
  const [, finn] = await pair(emptyServer, anyone);
  const others = [await again(emptyServer, anyone, FINN), await again(emptyServer, anyone, FINN)];
  const third = await again(emptyServer, anyone, FINN);
  for (const other of [...others, third]) await other.wire.hears('private-Team.1');
  // Who signs out by hand leaves the page; the others are told.
  for (const other of [others[1], third]) other.guard.expect(403, '/rest/pusher/key');
  await finn.page.goto('/me');
  await finn.wire.hears('private-User.2');
  const rows = finn.page.getByRole('region', { name: 'Where you are signed in' }).getByRole('listitem');
  await expect(rows).toHaveCount(4);
  await expect(rows.first()).toContainText('Chrome on Linux');
  await expect(rows.first()).toContainText('this browser');
  await finn.page.getByRole('button', { name: /^End the session/ }).first().click();
  await expect(rows).toHaveCount(3);
  await expect(third.heading('You are signed out')).toBeVisible();

  // What ends elsewhere goes from the list by itself.
  await finn.wire.hears('private-User.2');
  await finn.markPage();
  await others[0].button('Sign out').click();
  await expect(rows).toHaveCount(2);
  await finn.expectSamePage();

  await finn.button('Sign out everywhere else').click();
  await expect(rows).toHaveCount(1);
  await expect(finn.button('Sign out everywhere else')).toHaveCount(0);
  await expect(others[1].heading('You are signed out')).toBeVisible();
});

test('who has forgotten their password chooses another with a link that comes by mail', async ({ emptyServer, anyone }) => {
  const [, finn] = await pair(emptyServer, anyone);
  await finn.wire.hears('private-Team.1');
  const visitor = await anyone({ server: emptyServer });
  const ask = async (email: string) => {
    await visitor.page.goto('/sign-in');
    await visitor.page.getByRole('link', { name: 'Forgot your password?' }).click();
    await visitor.page.getByLabel('Email').fill(email);
    await visitor.button('Send me a link').click();
    await expect(visitor.page.getByRole('status')).toContainText('a link is on its way');
  };
  await ask('nobody@example.org');
  await ask(FINN);
  const link = await emptyServer.linkMailedTo(FINN);
  finn.guard.expect(403, '/rest/pusher/key');
  await visitor.page.goto(link);
  await visitor.page.getByLabel('New password').fill('another horse');
  await visitor.button('Set password').click();
  await expect(visitor.page.getByText('Your new password is set.')).toBeVisible();
  await expect(finn.heading('You are signed out')).toBeVisible();
  await visitor.signIn(FINN, 'another horse');
  await expect(visitor.button('Sign out')).toBeVisible();

  visitor.guard.expect(404, new URL(link).pathname);
  await visitor.page.goto(link);
  await expect(visitor.heading('Not found')).toBeVisible();
  await visitor.page.getByRole('link', { name: 'Ask for another link' }).click();
  await expect(visitor.button('Send me a link')).toBeVisible();
});

test('an administrator finds people, makes another administrator, and helps with a password', async ({ emptyServer, anyone }) => {
  const [eve, finn] = await pair(emptyServer, anyone);
  await eve.page.goto('/people');
  await eve.page.getByLabel('Name or email').fill('nobody at all');
  await eve.button('Search').click();
  await expect(eve.page.getByText('Nobody is called that.')).toBeVisible();
  await eve.page.getByLabel('Name or email').fill('finn@');
  await eve.button('Search').click();
  await eve.page.getByRole('main').getByRole('link', { name: 'Finn' }).click();
  await eve.button('Make administrator: Finn').click();
  await expect(eve.page.getByText('Administrator', { exact: true })).toBeVisible();
  await finn.page.goto('/people');
  await expect(finn.heading('People')).toBeVisible();
  await eve.button('Unmake administrator: Finn').click();
  await expect(eve.page.getByText('Not an administrator')).toBeVisible();
  finn.guard.expect(403, '/people');
  await finn.page.reload();
  await expect(finn.heading('Not allowed')).toBeVisible();

  await eve.page.goto('/people/2');
  await eve.wire.hears('private-Team.1');
  await eve.button('Make a reset link').click();
  const link = await eve.page.getByLabel('Link, shown this once').inputValue();
  await eve.page.getByRole('button', { name: /^End the session/ }).click();
  await expect(eve.page.getByText('Nowhere at the moment.')).toBeVisible();
  await finn.page.goto(link);
  await finn.page.getByLabel('New password').fill('another horse');
  await finn.button('Set password').click();
  await finn.signIn(FINN, 'another horse');
  await expect(finn.button('Sign out')).toBeVisible();
});

test('the last administrator stays one', async ({ emptyServer, anyone }) => {
  const eve = await anyone({ server: emptyServer });
  await eve.signUpFirst('Eve', EVE);
  eve.guard.expect(422, '/api/accounts/set_admin');
  await eve.page.goto('/people/1');
  await eve.button('Unmake administrator: Eve').click();
  await expect(eve.page.getByRole('alert')).toHaveText('This is the last administrator. Make another one first.');
});

test('without JavaScript one joins, changes profile and picture, and signs out everywhere else', async ({ emptyServer, anyone }) => {
  const eve = await anyone({ server: emptyServer });
  await eve.signUpFirst('Eve', EVE);
  const finn = await anyone({ server: emptyServer, javaScriptEnabled: false } as { server: Server });
  await finn.join(eve, 'Finn', FINN);
  await again(emptyServer, anyone, FINN);
  await finn.page.goto('/me');
  await finn.page.getByLabel('About you').fill('No scripts, please.');
  await finn.button('Save profile').click();
  await expect(finn.page.getByLabel('About you')).toHaveValue('No scripts, please.');
  const picture = { name: 'me.png', mimeType: 'image/png', buffer: await red(eve) };
  await finn.page.getByLabel('A PNG, JPEG or WebP').setInputFiles(picture);
  await finn.button('Use this picture').click();
  await expect(finn.button('Remove picture')).toBeVisible();
  await finn.button('Sign out everywhere else').click();
  await expect(finn.button('Sign out everywhere else')).toHaveCount(0);
});
