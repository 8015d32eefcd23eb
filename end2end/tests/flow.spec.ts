// A team's first day, from an empty server to signing out everywhere.
import { expect, test } from '../support/test.ts';

test('first run, invite, join, talk, mention, search, export, sign out everywhere', async ({ emptyServer, anyone }) => {
  test.slow();
  const [eve, finn] = [await anyone({ server: emptyServer }), await anyone({ server: emptyServer })];
  await eve.signUpFirst('Eve', 'eve@example.org');
  const link = await eve.page.getByLabel('Join link', { exact: true }).inputValue();

  await finn.page.goto(link);
  await finn.signUp('Finn', 'finn@example.org');
  await expect(finn.heading('Lounge')).toBeVisible();

  await eve.page.getByRole('link', { name: 'New room' }).click();
  await eve.page.getByLabel('Name').fill('Kitchen');
  await eve.button('Create room').click();
  await expect(eve.heading('Kitchen')).toBeVisible();
  await finn.room('Kitchen').click();
  await expect(finn.heading('Kitchen')).toBeVisible();

  await eve.say('Is there **coffee** left?');
  await expect(finn.message('Is there coffee left?')).toBeVisible();
  await finn.say('Half a pot.');
  await expect(eve.message('Half a pot.')).toBeVisible();

  await eve.page.getByRole('link', { name: 'Your account' }).click();
  await expect(eve.heading('Your account')).toBeVisible();
  await finn.composer.pressSequentially('For you, @Ev');
  await finn.page.getByRole('option', { name: 'Eve', exact: true }).click();
  await finn.composer.press('Enter');
  const toast = eve.page.locator('.toasts').getByRole('link');
  await expect(toast).toContainText('For you, @Eve');
  // It stays while somebody points at it.
  await toast.hover();
  await expect(eve.page).toHaveTitle('(1) Your account · Earshot');
  await toast.click();
  await expect(eve.message('For you')).toBeVisible();
  await expect(eve.page).toHaveTitle('Kitchen · Earshot');

  await finn.find('coff');
  await finn.page.getByRole('option', { name: /Is there coffee left/ }).click();
  await expect(finn.page).toHaveURL(/\/rooms\/\d+\?at=\d+#message-\d+$/);
  await expect(finn.message('Is there coffee left?')).toBeVisible();

  await eve.page.getByRole('link', { name: 'Settings' }).click();
  await eve.button('Export this room').click();
  const archive = eve.page.getByRole('link', { name: /^Download/ });
  await expect(archive).toBeVisible();
  const download = eve.page.waitForEvent('download');
  await archive.click();
  expect((await download).suggestedFilename()).toBe('Kitchen.zip');

  const elsewhere = await anyone({ server: emptyServer });
  await elsewhere.page.goto('/sign-in');
  await elsewhere.signIn('eve@example.org');
  await expect(elsewhere.room('Kitchen')).toBeVisible();
  await elsewhere.wire.hears('private-Team.1');
  elsewhere.guard.allow(/^answer 40[13]: /);
  await eve.page.getByRole('link', { name: 'Your account' }).click();
  await eve.button('Sign out everywhere else').click();
  await expect(elsewhere.heading('You are signed out')).toBeVisible();
  await eve.button('Sign out').click();
  await expect(eve.page).toHaveURL(/\/sign-in/);
});
