// Every page in every look: its title, nothing in the console, no scrolling sideways, usable by everybody.
import { inspect, widths } from '../support/appearance.ts';
import { expect, test, type Visitor } from '../support/test.ts';

// Pictures show the demo world as it was made.
test.use({ world: 'untouched' });

const LOUNGE = '/rooms/1';
const PLANS = '/rooms/2';
const signedOut = {
  '/sign-in': 'Sign in',
  '/sign-in?reset': 'Sign in',
  '/sign-up': 'Sign up',
  '/forgot': 'Forgot your password?',
  '/forgot?sent': 'Forgot your password?',
};
const signedIn = {
  '/inbox': 'Inbox',
  '/rooms': 'Rooms',
  [LOUNGE]: 'Lounge',
  [`${LOUNGE}?edit=1`]: 'Lounge',
  [`${LOUNGE}?reply=2`]: 'Lounge',
  [`${LOUNGE}?before=4`]: 'Lounge',
  [`${LOUNGE}/settings`]: 'Room settings',
  [`${PLANS}/settings`]: 'Room settings',
  '/rooms/new': 'New room',
  '/rooms/direct/new': 'New message',
  '/search': 'Search',
  '/search?q=the': 'Search',
  '/search?q=nowhere': 'Search',
  '/exports': 'Your exports',
  '/people': 'People',
  '/people?search=nobody': 'People',
  '/people/1': 'Ada',
  '/people/2': 'Bob',
  '/invite': 'Invite your team',
  '/me': 'Your account',
};
const missing = ['/rooms/999999999', '/rooms/999999999/settings', '/people/999999999', '/rooms/nonsense', '/nowhere'];

async function inspectEveryWidth(visitor: Visitor, path: string, title: string): Promise<void> {
  for (const [width, size] of Object.entries(widths)) {
    await visitor.page.setViewportSize(size);
    await inspect(visitor, path, width);
  }
  await expect(visitor.page).toHaveTitle(`${title} · Earshot`);
}

for (const [path, title] of Object.entries(signedOut)) {
  test(`${path}, for people who are signed out`, async ({ anyone }) => {
    const visitor = await anyone();
    await visitor.page.goto(path, { waitUntil: 'networkidle' });
    await inspectEveryWidth(visitor, path, title);
  });
}

test('the join link, for people who are signed out', async ({ anyone, as }) => {
  const visitor = await anyone();
  await visitor.page.goto(await (await as('ada')).joinLink(), { waitUntil: 'networkidle' });
  await inspectEveryWidth(visitor, 'join', 'Sign up');
});

for (const [path, title] of Object.entries(signedIn)) {
  test(`${path}, for people who are signed in`, async ({ as }) => {
    const ada = await as('ada');
    await ada.page.goto(path);
    await ada.wire.hears('private-Team.1');
    await inspectEveryWidth(ada, path, title);
  });
}

for (const path of missing) {
  test(`${path} is a 404 page, for those who are signed in`, async ({ as }) => {
    const ada = await as('ada');
    ada.guard.expect(404, path);
    expect((await ada.page.goto(path, { waitUntil: 'networkidle' }))?.status()).toBe(404);
    await expect(ada.heading('Not found')).toBeVisible();
    await inspectEveryWidth(ada, `missing ${path}`, 'Not found');
    await ada.page.getByRole('link', { name: 'To the front page' }).click();
    await expect(ada.composer).toBeVisible();
  });
}

test('an unknown address is a 404 page for those who are signed out, too', async ({ anyone }) => {
  const visitor = await anyone();
  visitor.guard.expect(404, '/nowhere');
  expect((await visitor.page.goto('/nowhere'))?.status()).toBe(404);
  await expect(visitor.heading('Not found')).toBeVisible();
});

test('the front page is the first room', async ({ as }) => {
  const ada = await as('ada');
  await ada.page.goto('/');
  await expect(ada.page).toHaveURL(/\/rooms\/\d+$/);
  await expect(ada.composer).toBeVisible();
});
