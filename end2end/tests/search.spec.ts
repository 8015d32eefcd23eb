// Finding: messages by their words, rooms and people by their names.
import { expect, people, test, unique } from '../support/test.ts';

test('one finds what the other has said, and is led to it', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const name = unique('Search');
  const room = await bob.makeRoom(name);
  await bob.enter(room);
  const word = unique('needle').replaceAll(/[\s-]/g, 'x');
  await bob.say(`Look at the ${word} in <b>this</b> hay`);
  await expect(bob.messages.last()).toHaveAttribute('id', /^message-\d+$/);
  const found = await bob.messages.last().getAttribute('id');

  await ada.enter(await ada.makeRoom(unique('Elsewhere')));
  await ada.find(`look ${word.slice(0, -2)}`);
  await expect(ada.page.getByRole('option', { name: word })).toBeVisible();
  await ada.page.getByRole('option', { name: /All messages with/ }).click();
  await expect(ada.heading('Search')).toBeVisible();
  const hit = ada.page.getByRole('list', { name: 'Messages', exact: true }).getByRole('listitem');
  await expect(hit).toHaveCount(1);
  await expect(hit).toContainText('<b>this</b>');
  await expect(hit.locator('mark')).toHaveText(['Look', word]);
  await expect(hit.getByRole('link', { name })).toBeVisible();
  await ada.expectSamePage();

  await ada.page.getByLabel('Words in messages').fill('...');
  await ada.button('Search').click();
  await expect(ada.page.getByRole('alert')).toContainText('enter a word');

  await ada.page.goBack();
  await hit.getByRole('link', { name: /Look at/ }).click();
  await expect(ada.heading(name)).toBeVisible();
  await expect(ada.page).toHaveURL(`/rooms/${room}?at=${found?.slice('message-'.length)}#${found}`);
  await expect(ada.message(word)).toHaveCount(1);
});

test('Enter takes nothing that was found for other words', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Other words')));
  await ada.find('Cleo');
  await expect(ada.page.getByRole('group', { name: 'People' }).getByRole('option', { name: 'Cleo' })).toBeVisible();
  await ada.page.keyboard.press('Control+a');
  await ada.page.keyboard.type('qq');
  await ada.page.keyboard.press('Enter');
  await expect(ada.page).toHaveURL(/\/search\?q=qq$/);
});

test('a late answer changes nothing that was typed or opened since', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Late'));
  await ada.enter(room);
  const people = ada.page.getByRole('group', { name: 'People' }).getByRole('option');
  let release = () => {};
  const held = new Promise<void>((go) => { release = go; });
  await ada.page.route('**/api/search/anything', async (route) => { await held; await route.continue(); }, { times: 1 });
  const first = ada.page.waitForRequest('**/api/search/anything');
  await ada.find('Cleo');
  const late = (await first).response();
  await ada.page.keyboard.press('Control+a');
  await ada.page.keyboard.type('Bob');
  await expect(people).toHaveText(/Bob/);
  release();
  await (await late)!.finished();
  await expect(people).toHaveText(/Bob/);
  let lead = () => {};
  const led = new Promise<void>((go) => { lead = go; });
  await ada.page.route('**/api/rooms/direct', async (route) => { await led; await route.fulfill({ json: room }); });
  const asked = ada.page.waitForRequest('**/api/rooms/direct');
  await people.click();
  const answer = (await asked).response();
  await ada.page.keyboard.press('Escape');
  await ada.find('Lounge');
  lead();
  await (await answer)!.finished();
  await ada.page.evaluate(() => new Promise((told) => requestAnimationFrame(() => requestAnimationFrame(told))));
  await expect(ada.page.getByRole('combobox', { name: 'Find rooms, people and messages' })).toBeFocused();
});

test('what was edited or deleted is found no more', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await bob.makeRoom(unique('Search'));
  const [old, now] = [unique('old').replaceAll(/[\s-]/g, 'x'), unique('now').replaceAll(/[\s-]/g, 'x')];
  const id = await bob.post(room, old);
  await bob.call('messages/edit', { id, body: now });
  await ada.page.goto(`/search?q=${old}`);
  await expect(ada.page.getByText(`Nothing was found for “${old}”`)).toBeVisible();
  await ada.page.getByLabel('Words in messages').fill(now);
  await ada.page.keyboard.press('Enter');
  await expect(ada.page.getByRole('list', { name: 'Messages', exact: true }).getByRole('listitem')).toHaveCount(1);
  await bob.call('messages/delete', { id });
  await ada.page.reload();
  await expect(ada.page.getByText(`Nothing was found for “${now}”`)).toBeVisible();
});

test('search works without JavaScript', async ({ as }) => {
  const ada = await as('ada', { javaScriptEnabled: false });
  const word = unique('plain').replaceAll(/[\s-]/g, 'x');
  const room = await ada.makeRoom(unique('Search'));
  for (let n = 0; n < 27; n += 1) await ada.post(room, `${word} ${n}`);
  await ada.page.goto('/rooms');
  await ada.page.getByRole('link', { name: 'Find' }).click();
  await ada.page.getByLabel('Words in messages').fill(word);
  await ada.button('Search').click();
  const hits = ada.page.getByRole('list', { name: 'Messages', exact: true }).getByRole('listitem');
  await expect(hits).toHaveCount(25);
  await ada.page.getByRole('link', { name: 'Look further back' }).click();
  await expect(hits).toHaveCount(2);
  await hits.last().getByRole('link', { name: `${word} 0` }).click();
  await expect(ada.page).toHaveURL(new RegExp(`^.*/rooms/${room}\\?at=\\d+#message-\\d+$`));
});

test('by keys alone one goes to a room, to a message and to a person', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const [here, there] = [unique('Here'), unique('There')];
  const room = await ada.makeRoom(there);
  const word = unique('keyed').replaceAll(/[\s-]/g, 'x');
  const message = await bob.post(room, `a ${word} message`);
  await ada.enter(await ada.makeRoom(here));
  const keys = ada.page.keyboard;
  const field = ada.page.getByRole('combobox', { name: 'Find rooms, people and messages' });
  const chosen = ada.page.getByRole('option', { selected: true });

  // Escape closes it and gives the focus back.
  await ada.composer.focus();
  await keys.press('Control+k');
  await expect(field).toBeFocused();
  await keys.press('Escape');
  await expect(field).toBeHidden();
  await expect(ada.composer).toBeFocused();

  // The browser tells of the closed palette a moment later; who opens it again before that gets it.
  await keys.press('Control+k');
  await expect(field).toBeFocused();
  await ada.page.evaluate(() => {
    document.querySelector<HTMLDialogElement>('dialog.palette')?.close();
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }));
  });
  await expect(field).toBeFocused();
  await keys.press('Escape');
  await expect(field).toBeHidden();

  // A room by its letters.
  await ada.find(there.slice(0, 3) + there.slice(-4));
  await expect(chosen).toHaveText(there);
  await keys.press('Enter');
  await expect(ada.heading(there)).toBeVisible();

  // A message by its words, with the arrows past its end and back again.
  await ada.find(word);
  await expect(ada.page.getByRole('option')).toHaveCount(2);
  await expect(chosen).toContainText(`a ${word} message`);
  await keys.press('ArrowDown');
  await expect(chosen).toContainText('All messages with');
  await keys.press('ArrowDown');
  await expect(chosen).toContainText(`a ${word} message`);
  await keys.press('ArrowUp');
  await expect(chosen).toContainText('All messages with');
  await keys.press('ArrowUp');
  await keys.press('Enter');
  await expect(ada.page).toHaveURL(`/rooms/${room}?at=${message}#message-${message}`);

  // A person, who is talked with.
  await ada.find(people.bob.name);
  const bobs = ada.page.getByRole('group', { name: 'People' }).getByRole('option');
  await expect(bobs).toHaveText([/Bob/]);
  const isChosen = async () => await bobs.getAttribute('aria-selected') === 'true' || (await keys.press('ArrowDown'), false);
  await expect.poll(isChosen, { message: 'the arrow reaches Bob', intervals: [50] }).toBe(true);
  await keys.press('Enter');
  await expect(ada.heading('Bob')).toBeVisible();
  await ada.expectSamePage();
});

test('the button opens the palette, and what one may not read is not offered', async ({ as }) => {
  const [bob, dan] = [await as('bob'), await as('dan')];
  const word = unique('secret').replaceAll(/[\s-]/g, 'x');
  const secret = await bob.makeRoom(`${word} room`, []);
  await bob.post(secret, `a ${word} message`);
  await dan.enter(await dan.makeRoom(unique('Here')));
  await dan.page.getByRole('link', { name: 'Find' }).click();
  const answer = dan.page.waitForResponse('**/api/search/anything');
  await dan.page.getByRole('combobox').fill(word);
  expect(await (await answer).json()).toEqual({ people: [], messages: [] });
  await expect(dan.page.getByRole('option')).toHaveText([`All messages with “${word}”`]);
});
