// Reactions: put, joined and taken away, by pointer and by keyboard.
import { expect, test, unique } from '../support/test.ts';

test('what one puts under a message others see, join, and see go', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('React'));
  await ada.post(room, 'it works');
  await ada.enter(room);
  await bob.enter(room);
  await bob.message('it works').hover();
  await bob.message('it works').getByRole('link', { name: 'React' }).first().click();
  await bob.message('it works').getByRole('button', { name: '🎉', exact: true }).click();
  await expect(bob.page).toHaveURL(`/rooms/${room}`);
  const joined = ada.message('it works').getByRole('button', { name: '🎉 1: Bob' });
  await expect(joined).toHaveAttribute('aria-pressed', 'false');
  await joined.click();
  for (const side of [ada, bob]) {
    await expect(side.message('it works').getByRole('button', { name: '🎉 2: Bob, Ada' })).toHaveAttribute('aria-pressed', 'true');
  }
  await bob.message('it works').getByRole('button', { name: '🎉 2: Bob, Ada' }).click();
  await expect(ada.message('it works').getByRole('button', { name: '🎉 1: Ada' })).toBeVisible();
  await ada.message('it works').getByRole('button', { name: '🎉 1: Ada' }).click();
  for (const side of [ada, bob]) {
    await expect(side.message('it works').getByText('🎉')).toHaveCount(0);
    await side.expectSamePage();
  }
});

test('any emoji can be typed, by keyboard alone, and nothing else', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Any'));
  const id = await ada.post(room, 'choose');
  await ada.enter(room);
  const message = ada.message('choose');
  await message.getByRole('link', { name: 'React' }).first().focus();
  await ada.page.keyboard.press('Enter');
  const field = ada.page.getByRole('textbox', { name: 'Any emoji' });
  await expect(field).toBeFocused();
  await expect(ada.page).toHaveURL(`/rooms/${room}?react=${id}`);
  ada.guard.expect(422, '/api/reactions/toggle');
  await field.fill('<b>');
  await field.press('Enter');
  await expect(message.getByRole('alert')).toHaveText('Please choose one emoji.');
  await field.fill('🦔');
  await field.press('Enter');
  await expect(message.getByRole('button', { name: '🦔 1: Ada' })).toBeVisible();
  await expect(field).toHaveCount(0);
  await message.getByRole('link', { name: 'React' }).first().focus();
  await ada.page.keyboard.press('Enter');
  await field.press('Escape');
  await expect(field).toHaveCount(0);
  await ada.expectSamePage();
});

test('without JavaScript one reacts', async ({ as }) => {
  const ada = await as('ada', { javaScriptEnabled: false });
  const room = await ada.makeRoom(unique('Plain'));
  const id = await ada.post(room, 'read this');
  await ada.page.goto(`/rooms/${room}?react=${id}`);
  await ada.message('read this').getByRole('button', { name: '👍', exact: true }).click();
  await expect(ada.page).toHaveURL(`/rooms/${room}?at=${id}#message-${id}`);
  await expect(ada.message('read this').getByRole('button', { name: '👍 1: Ada' })).toBeVisible();
});
