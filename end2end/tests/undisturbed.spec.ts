// Whatever others do, what one is doing goes on: the caret, the focus, an open edit, the place where one reads.
import { expect, test, unique, type Visitor } from '../support/test.ts';

/** Where the caret stands in the field that has the focus, or what has the focus instead. */
function caret({ page }: Visitor): Promise<unknown> {
  return page.evaluate(() => {
    const field = document.activeElement;
    return field instanceof HTMLTextAreaElement
      ? [field.getAttribute('aria-label'), field.selectionStart, field.selectionEnd]
      : field?.outerHTML;
  });
}

test('what one writes, and where, survives what others do', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Caret'), ['bob']);
  const [first, second] = await ada.postNumbers(room, 3);
  await bob.enter(room);
  await bob.composer.fill('I am writing this');
  await bob.composer.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(2, 4));
  await ada.post(room, 'news');
  await ada.call('messages/edit', { id: first, body: 'changed' });
  await ada.call('messages/delete', { id: second });
  await ada.call('rooms/rename', { id: room, name: unique('Another') });
  await ada.call('rooms/add_member', { id: room, user: 3 });
  await expect(bob.message('news')).toHaveCount(1);
  await expect(bob.message('changed')).toHaveCount(1);
  await expect(bob.message('number 2.')).toHaveCount(0);
  await expect(bob.page.getByRole('heading', { name: /^Another/ })).toBeVisible();
  await expect(bob.composer).toHaveValue('I am writing this');
  await expect.poll(() => caret(bob)).toEqual(['Message', 2, 4]);
  await bob.expectSamePage();
});

test('an open edit survives what others do, to other messages and to its own', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await bob.makeRoom(unique('Edit'));
  const [before] = await ada.postNumbers(room, 3);
  const mine = await bob.post(room, 'mine');
  await ada.postNumbers(room, 3);
  await bob.enter(room);
  const field = await bob.edit('mine');
  await field.fill('mine, and better');
  await field.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(4, 4));
  const elsewhere = await bob.tab();
  await elsewhere.call('messages/edit', { id: mine, body: 'changed elsewhere' });
  await ada.call('messages/delete', { id: before });
  await ada.post(room, 'news');
  await expect(bob.message('news')).toHaveCount(1);
  await expect(bob.message('number 1.')).toHaveCount(1);
  await expect(field).toHaveValue('mine, and better');
  await expect.poll(() => caret(bob)).toEqual(['New text', 4, 4]);

  // Even when the message goes: what was written can be taken along.
  bob.guard.expect(404, '/api/messages/edit');
  await ada.call('messages/delete', { id: mine });
  await ada.post(room, 'the last word');
  await expect(bob.message('the last word')).toHaveCount(1);
  await expect(field).toHaveValue('mine, and better');
  await field.press('Enter');
  await expect(bob.page.getByRole('alert')).toContainText('does not exist');
  await expect(field).toHaveValue('mine, and better');
  await field.press('Escape');
  await expect(bob.message('mine')).toHaveCount(0);
  await expect(bob.page.locator(`#message-${mine}`)).toContainText('This message was deleted.');
  await bob.expectSamePage();
});

test('an open edit keeps focus and caret while older messages come before it', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Older'));
  await ada.postNumbers(room, 90);
  await ada.enter(room);
  // One in sight: going to another would bring the older ones already.
  const field = await ada.edit('number 85.');
  await field.fill('number 85, changed');
  await field.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(3, 6));
  await ada.page.getByRole('log').evaluate((log) => { log.scrollTop = -log.scrollHeight; });
  await expect(ada.messages).toHaveCount(90);
  await expect(field).toHaveValue('number 85, changed');
  await expect.poll(() => caret(ada)).toEqual(['New text', 3, 6]);
});

test('who reads older messages is not moved, and is told how many new ones wait below', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Below'));
  await ada.postNumbers(room, 40);
  await bob.enter(room);
  await bob.readFromTheTop();
  const first = bob.message('number 1.');
  await expect(first).toBeInViewport();
  const before = await first.boundingBox();
  await ada.post(room, 'news');
  await expect(bob.button('1 new message ↓')).toBeVisible();
  await ada.post(room, 'more news');
  await expect(bob.button('2 new messages ↓')).toBeVisible();
  await expect.poll(async () => (await first.boundingBox())?.y).toBeCloseTo(before?.y ?? NaN, 0);
  await bob.button('2 new messages ↓').click();
  await expect(bob.message('more news')).toBeInViewport();
  await expect(bob.page.getByRole('button', { name: /new message/ })).toHaveCount(0);
  await ada.post(room, 'and now live');
  await expect(bob.message('and now live')).toBeInViewport();
  await expect(bob.page.getByRole('button', { name: /new message/ })).toHaveCount(0);
});
