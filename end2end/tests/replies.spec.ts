// Answers: they quote what they answer, as it is now, and lead back to it.
import { expect, test, unique } from '../support/test.ts';

test('one answers a message, the others see what was answered, and the quote changes with it', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Answers'));
  const asked = await ada.post(room, 'shall we **meet**?');
  await ada.enter(room);
  await bob.enter(room);
  await bob.message('shall we').hover();
  await bob.message('shall we').getByRole('link', { name: 'Answer' }).first().click();
  await expect(bob.composer).toBeFocused();
  await expect(bob.page.getByText('Answering')).toBeVisible();
  await bob.say('tomorrow');
  await expect(bob.page.getByText('Answering')).toHaveCount(0);
  await expect(bob.page).toHaveURL(`/rooms/${room}`);
  for (const side of [ada, bob]) {
    await expect(side.message('tomorrow').getByRole('link', { name: 'In answer to Ada shall we meet?' })).toBeVisible();
  }
  await ada.call('messages/edit', { id: asked, body: 'shall we talk?' });
  for (const side of [ada, bob]) {
    await expect(side.message('tomorrow').getByRole('link', { name: 'In answer to Ada shall we talk?' })).toBeVisible();
  }
  await ada.call('messages/delete', { id: asked });
  for (const side of [ada, bob]) {
    await expect(side.message('tomorrow').locator('.quote')).toContainText('This message was deleted.');
    await side.expectSamePage();
  }
});

test('Escape ends an answer and keeps what was written', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Escape'));
  const id = await ada.post(room, 'a question');
  await ada.enter(room);
  const menu = await ada.openMenu('a question');
  await menu.locator('.menu').getByRole('link', { name: 'Answer' }).click();
  await expect(ada.page).toHaveURL(`/rooms/${room}?reply=${id}`);
  await ada.composer.fill('no answer at all');
  await ada.composer.press('Escape');
  await expect(ada.page).toHaveURL(`/rooms/${room}`);
  await expect(ada.composer).toHaveValue('no answer at all');
  await ada.composer.press('Enter');
  await expect(ada.message('no answer at all').locator('.quote')).toHaveCount(0);
  await ada.expectSamePage();
});

test('a quote leads to its message: on the page at once, else to the room around it', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Back'));
  const far = await ada.post(room, 'long ago');
  await ada.postNumbers(room, 70);
  const near = await ada.post(room, 'just now');
  await ada.postNumbers(room, 90, 71);
  const answer = (answered: number, body: string) =>
    ada.call('messages/post', { room, body, client_id: unique('answer'), reply_to: answered });
  await answer(far, 'to the far one');
  await answer(near, 'to the near one');
  await ada.enter(room);
  await ada.message('to the near one').getByRole('link', { name: /^In answer to/ }).click();
  await expect(ada.page.locator(`#message-${near}`)).toBeInViewport();
  await expect(ada.page.locator(`#message-${near}`)).toHaveClass(/spot/);
  await expect(ada.page).toHaveURL(`/rooms/${room}`);
  await ada.message('to the far one').getByRole('link', { name: /^In answer to/ }).click();
  await expect(ada.page).toHaveURL(`/rooms/${room}?at=${far}#message-${far}`);
  await expect(ada.page.locator(`#message-${far}`)).toBeInViewport();
  await expect(ada.page.locator(`#message-${far}`)).toHaveClass(/spot/);
  await ada.expectSamePage();
});

test('without JavaScript one answers and follows a quote', async ({ as }) => {
  const ada = await as('ada', { javaScriptEnabled: false });
  const room = await ada.makeRoom(unique('Plain'));
  const id = await ada.post(room, 'a question');
  await ada.page.goto(`/rooms/${room}`);
  const menu = await ada.openMenu('a question');
  await menu.locator('.menu').getByRole('link', { name: 'Answer' }).click();
  await ada.composer.fill('an answer');
  await ada.button('Send').click();
  await expect(ada.page).toHaveURL(`/rooms/${room}`);
  await ada.message('an answer').getByRole('link', { name: 'In answer to Ada a question' }).click();
  await expect(ada.page).toHaveURL(`/rooms/${room}?at=${id}#message-${id}`);
  await expect(ada.page.locator(`#message-${id}`)).toBeInViewport();
});
