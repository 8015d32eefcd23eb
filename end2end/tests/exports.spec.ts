// Exports: ordered from a room's settings, made in the background, and downloaded; the bar moves in every tab.
import { readFile } from 'node:fs/promises';
import { choose, large } from '../support/payloads.ts';
import { expect, people, test, unique, type Visitor } from '../support/test.ts';

/** Messages that a step writes. */
const STEP = 100;

/** Notes every value that a bar on this page has. */
async function noteProgress({ page }: Visitor): Promise<void> {
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const bar = document.querySelector('progress');
      if (bar && seen.at(-1) !== bar.value) seen.push(bar.value);
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
}

test('a room is exported from its settings, read without a server, and deleted', async ({ as }) => {
  const ada = await as('ada');
  const name = unique('Export');
  const room = await ada.makeRoom(name);
  await ada.post(room, 'to be <b>kept</b>');
  await ada.page.goto(`/rooms/${room}/settings`);
  await ada.button('Export this room').click();
  await expect(ada.page).toHaveURL('/exports');
  await ada.wire.hears(`private-User.${people.ada.id}`);
  const row = ada.page.getByRole('main').getByRole('listitem').filter({ hasText: name });
  const link = row.getByRole('link', { name: /^Download/ });
  await expect(link).toBeVisible();
  const download = ada.page.waitForEvent('download');
  await link.click();
  const archive = await download;
  expect(archive.suggestedFilename()).toBe(`${name}.zip`);
  const bytes = await readFile(await archive.path());
  expect(bytes.subarray(0, 2).toString()).toBe('PK');
  expect(bytes.includes('messages.html')).toBe(true);
  await ada.button(`Delete the export of ${name}`).click();
  await expect(row).toHaveCount(0);
  await expect(ada.page).toHaveURL('/exports');
});

test('the bar of an export moves in two tabs, because its steps are heard', async ({ as }) => {
  test.slow();
  const one = await as('cleo');
  const room = await one.makeRoom(unique('Long'));
  await one.enter(room);
  // Each step but the first has enough to do for the one before to be seen.
  for (const name of ['one', 'two', 'three']) {
    await one.postMany(room, STEP);
    await choose(one, [await large(name, 24_000_000)]);
    await one.say(`Large file ${name}`);
    await expect(one.message(`Large file ${name}`)).toHaveAttribute('id', /^message-\d+$/, { timeout: 30_000 });
  }
  const two = await one.tab();
  for (const tab of [one, two]) {
    await tab.page.goto('/exports');
    await tab.wire.hears(`private-User.${people.cleo.id}`);
    await tab.markPage();
    await noteProgress(tab);
  }
  await one.call('exports/order', { room });
  for (const tab of [one, two]) {
    await expect(tab.page.getByRole('link', { name: /^Download/ })).toBeVisible({ timeout: 30_000 });
    const seen = await tab.page.evaluate(() => (window as unknown as { seen: number[] }).seen);
    // What was done before the row began to listen was caught up on.
    expect(tab.wire.heard('progressed').length, 'steps heard').toBeGreaterThan(0);
    expect(seen, 'the bar goes forward').toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.filter((value) => value > 0 && value <= 3 * STEP).length, `values on the way: ${seen}`).toBeGreaterThan(0);
    await tab.expectSamePage();
  }
});

test('an export is downloaded by its owner alone, and not after the right to the room has ended', async ({ as }) => {
  const [bob, cleo, ada] = [await as('bob'), await as('cleo'), await as('ada')];
  const name = unique('Closed');
  const room = await bob.makeRoom(name, ['cleo']);
  const id = await cleo.call('exports/order', { room });
  await cleo.page.goto('/exports');
  const row = cleo.page.getByRole('main').getByRole('listitem').filter({ hasText: name });
  const link = row.getByRole('link', { name: /^Download/ });
  await expect(link).toBeVisible();
  const status = async ({ context }: Visitor) => (await context.request.get(`/exports/${id}/download`)).status();
  expect([await status(cleo), await status(bob), await status(ada)]).toEqual([200, 404, 404]);
  await cleo.wire.hears(`private-User.${people.cleo.id}`);
  await bob.call('rooms/remove_member', { id: room, user: people.cleo.id });
  await expect(row).toHaveCount(0);
  expect(await status(cleo)).toBe(404);
});
