// Requests that are never answered, as on a network that has changed meanwhile.
import { choose, text, tray } from '../support/payloads.ts';
import { expect, test, unique, type Visitor } from '../support/test.ts';

const GIVEN_UP = 'The server cannot be reached. Please try again.';

/** Begins `act`, lets `seconds` pass once its request is on its way, and answers that never. */
async function hangs({ page }: Visitor, path: string, act: () => Promise<void>, seconds: number): Promise<void> {
  await page.route(path, () => {});
  const asked = page.waitForRequest(path);
  await act();
  await asked;
  await page.clock.fastForward(seconds * 1_000);
  await page.unroute(path);
}

test('a form whose answer does not come can be sent again', async ({ as }) => {
  const ada = await as('ada');
  await ada.page.clock.install();
  await ada.page.goto('/rooms/new');
  await ada.wire.hears('private-Team.1');
  const name = unique('Hanging');
  await ada.page.getByLabel('Room name').fill(name);
  await hangs(ada, '**/api/rooms/create', () => ada.button('Create room').click(), 20);
  await expect(ada.page.getByRole('main').getByText(GIVEN_UP)).toBeVisible();
  await expect(ada.page.getByLabel('Room name')).toHaveValue(name);
  await ada.button('Create room').click();
  await expect(ada.heading(name)).toBeVisible();
});

test('a page that does not come is given up, and can be tried again', async ({ as }) => {
  const ada = await as('ada');
  const [first, next] = [unique('First'), unique('Next')];
  const room = await ada.makeRoom(first);
  await ada.makeRoom(next);
  await ada.page.clock.install();
  await ada.enter(room);
  await hangs(ada, '**/api/rooms/get', () => ada.room(next).click(), 20);
  await expect(ada.page.getByRole('main').getByText(GIVEN_UP)).toBeVisible();
  await ada.page.getByRole('main').getByRole('link', { name: 'Try again' }).click();
  await expect(ada.heading(next)).toBeVisible();
  await expect(ada.composer).toBeVisible();
});

test('an upload that gets no further is given up', async ({ as }) => {
  const ada = await as('ada');
  await ada.page.clock.install();
  await ada.enter(await ada.makeRoom(unique('Stuck')));
  await hangs(ada, '**/files?*', () => choose(ada, [text('notes.txt')]), 60);
  await expect(tray(ada).getByRole('alert')).toHaveText(GIVEN_UP);
});
