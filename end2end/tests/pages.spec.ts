// Every page, wide and narrow, light and dark: its title, nothing in the console, no scrolling sideways. Pictures are kept.
import { expect, test, type Visitor } from '../support/test.ts';

// Pictures show the demo world as it was made.
test.use({ world: 'untouched' });

const LOUNGE = '/rooms/1';
const PLANS = '/rooms/2';
const widths = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } };
const signedOut = { '/sign-in': 'Sign in', '/sign-up': 'Sign up' };
const signedIn = {
  '/rooms': 'Rooms',
  [LOUNGE]: 'Lounge',
  [`${LOUNGE}?edit=1`]: 'Lounge',
  [`${LOUNGE}?before=4`]: 'Lounge',
  [`${LOUNGE}/settings`]: 'Room settings',
  [`${PLANS}/settings`]: 'Room settings',
  '/rooms/new': 'New room',
  '/people': 'People',
};
const missing = ['/rooms/999999999', '/rooms/999999999/settings', '/rooms/nonsense', '/nowhere'];

/** Boxes that can be scrolled sideways, the document itself among them. */
async function expectNoSidewaysScrolling({ page }: Visitor): Promise<void> {
  const wide = await page.evaluate(() => [...document.querySelectorAll('*')]
    .filter((box) => box === document.scrollingElement || ['auto', 'scroll'].includes(getComputedStyle(box).overflowX))
    .filter((box) => box.scrollWidth > box.clientWidth)
    .map((box) => `${box.tagName.toLowerCase()}.${box.className}: ${box.scrollWidth} > ${box.clientWidth}`));
  expect(wide, `scrolls sideways at ${page.url()}`).toEqual([]);
}

async function picture({ page }: Visitor, name: string): Promise<void> {
  await page.screenshot({ path: `test-results/screens/${name}.png` });
}

function fileName(path: string): string {
  return path.replaceAll(/\W+/g, ' ').trim().replaceAll(' ', '-');
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries(widths)) {
    const look = { colorScheme, viewport };

    test(`pages for people who are signed out, ${size} and ${colorScheme}`, async ({ anyone }) => {
      const visitor = await anyone(look);
      for (const [path, title] of Object.entries(signedOut)) {
        await visitor.page.goto(path, { waitUntil: 'networkidle' });
        await expect(visitor.page).toHaveTitle(`${title} · Earshot`);
        await expectNoSidewaysScrolling(visitor);
        await picture(visitor, `${fileName(path)}-${size}-${colorScheme}`);
      }
    });

    test(`pages for people who are signed in, ${size} and ${colorScheme}`, async ({ as }) => {
      const ada = await as('ada', look);
      for (const [path, title] of Object.entries(signedIn)) {
        await ada.page.goto(path);
        await ada.wire.hears('private-Team.1');
        await expect(ada.page).toHaveTitle(`${title} · Earshot`);
        await expectNoSidewaysScrolling(ada);
        await picture(ada, `${fileName(path)}-${size}-${colorScheme}`);
      }
    });

    test(`questions and refusals, ${size} and ${colorScheme}`, async ({ as, anyone }) => {
      const ada = await as('ada', look);
      await ada.page.goto(`${PLANS}/settings`);
      await ada.button('Delete room').click();
      await expect(ada.button('Yes, delete it')).toBeVisible();
      await expectNoSidewaysScrolling(ada);
      await picture(ada, `question-${size}-${colorScheme}`);

      const visitor = await anyone(look);
      visitor.guard.expect(422, '/api/people/sign_in');
      await visitor.page.goto('/sign-in');
      await visitor.signIn('ada@example.org', 'not her password');
      await expect(visitor.page.getByRole('alert')).toBeVisible();
      await expectNoSidewaysScrolling(visitor);
      await picture(visitor, `refused-${size}-${colorScheme}`);
      await visitor.signIn('ada@example.org');
      await visitor.wire.hears('private-Team.1');
      await visitor.call('people/sign_out', {});
      await expect(visitor.heading('You are signed out')).toBeVisible();
      await picture(visitor, `signed-out-${size}-${colorScheme}`);
    });
  }
}

for (const path of missing) {
  test(`${path} is a 404 page, for those who are signed in`, async ({ as }) => {
    const ada = await as('ada');
    ada.guard.expect(404, path);
    expect((await ada.page.goto(path, { waitUntil: 'networkidle' }))?.status()).toBe(404);
    await expect(ada.heading('Not found')).toBeVisible();
    await picture(ada, `missing-${fileName(path)}`);
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

for (const [size, viewport] of Object.entries(widths)) {
  test(`long words and names do not widen a ${size} page`, async ({ as }) => {
    const ada = await as('ada', { viewport });
    const room = await ada.makeRoom('W'.repeat(80), ['dan']);
    const id = await ada.post(room, `${'M'.repeat(400)} https://example.org/${'m'.repeat(400)}`);
    for (const path of [`/rooms/${room}`, `/rooms/${room}?edit=${id}`, `/rooms/${room}/settings`, '/rooms']) {
      await ada.page.goto(path);
      await ada.wire.hears(`private-Room.${room}`);
      await expectNoSidewaysScrolling(ada);
      await picture(ada, `long-${fileName(path.replace(/\d+/, 'room').replace(/\d+/, 'message'))}-${size}`);
    }
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries(widths)) {
    test(`what is under way and what has failed, ${size} and ${colorScheme}`, async ({ as, cable }) => {
      const ada = await as('ada', { colorScheme, viewport, baseURL: cable.url });
      const room = await ada.makeRoom('Under way');
      for (let number = 1; number <= 30; number += 1) await ada.post(room, `A word about number ${number}.`);
      await ada.enter(room);
      await ada.page.getByRole('log').press('Home');
      await (await as('bob')).post(room, 'Has anybody read this?');
      await expect(ada.button('1 new message ↓')).toBeVisible();
      await picture(ada, `newer-${size}-${colorScheme}`);
      ada.guard.allowOutage();
      cable.pull();
      await ada.composer.fill('This will not get through at once.');
      await ada.composer.press('Enter');
      await expect(ada.button('Try again')).toBeVisible();
      await expect(ada.page.getByText('Connection lost.')).toBeVisible({ timeout: 15_000 });
      await expectNoSidewaysScrolling(ada);
      await picture(ada, `failed-${size}-${colorScheme}`);
      cable.plugIn();
      await ada.button('Try again').click();
      await expect(ada.page.getByText('Connection lost.')).toHaveCount(0, { timeout: 15_000 });
      await expect(ada.message('This will not get through at once.')).toHaveCount(1);
    });
  }
}

test('the front page is the first room', async ({ as }) => {
  const ada = await as('ada');
  await ada.page.goto('/');
  await expect(ada.page).toHaveURL(/\/rooms\/\d+$/);
  await expect(ada.composer).toBeVisible();
});
