// Writing: whatever keyboard, browser and clock one has, and however often one presses.
import { expect, test, unique, type Visitor } from '../support/test.ts';

type Key = KeyboardEventInit & { keyCode?: number };

/** Whether the page leaves this key in the field to the browser. */
const leavesAlone = (field: Visitor['composer'], key: Key) => field.evaluate((element, key) =>
  element.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...key })), key);

test('a key that ends a composition neither sends nor throws away', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Composed'));
  await ada.post(room, 'as it was');
  await ada.enter(room);
  await ada.composer.fill('日本');
  // Chromium and Firefox, and Safari, which says that nothing is composed any more.
  for (const composed of [{ isComposing: true, keyCode: 229 }, { keyCode: 229 }]) {
    expect(await leavesAlone(ada.composer, { key: 'Enter', ...composed })).toBe(true);
  }
  await expect(ada.composer).toHaveValue('日本');
  const field = await ada.edit('as it was');
  await field.fill('half of it');
  for (const composed of [{ isComposing: true, keyCode: 229 }, { keyCode: 229 }]) {
    await leavesAlone(field, { key: 'Escape', ...composed });
    expect(await leavesAlone(field, { key: 'Enter', ...composed })).toBe(true);
  }
  await expect(field).toHaveValue('half of it');
  await field.press('Enter');
  await expect(ada.message('half of it').getByText('edited', { exact: true })).toBeVisible();
  await ada.composer.press('Enter');
  await expect(ada.message('日本')).toHaveCount(1);
});

test('no key of a composition is taken by names, an answer, the palette or the choice of reactions', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Composed'), ['bob']);
  const id = await ada.post(room, 'a question');
  await ada.page.goto(`/rooms/${room}?reply=${id}`);
  await ada.wire.hears(`private-Room.${room}`);
  const composed = { isComposing: true, keyCode: 229 };
  await ada.composer.pressSequentially('@b');
  const names = ada.page.getByRole('listbox', { name: 'Names' });
  await expect(names).toBeVisible();
  for (const key of ['Tab', 'Escape']) expect(await leavesAlone(ada.composer, { key, ...composed })).toBe(true);
  await expect(names).toBeVisible();
  await ada.composer.fill('nobody');
  await leavesAlone(ada.composer, { key: 'Escape', ...composed });
  await expect(ada.page.getByText('Answering')).toBeVisible();
  await ada.page.goto(`/rooms/${room}?react=${id}`);
  await ada.wire.hears(`private-Room.${room}`);
  const emoji = ada.page.getByRole('textbox', { name: 'Any emoji' });
  await leavesAlone(emoji, { key: 'Escape', ...composed });
  await expect(ada.page).toHaveURL(/react=/);
  await expect(emoji).toBeVisible();
  await ada.find('Lounge');
  const palette = ada.page.getByRole('combobox', { name: 'Find rooms, people and messages' });
  await expect(ada.page.getByRole('option', { name: 'Lounge' }).first()).toBeVisible();
  expect(await leavesAlone(palette, { key: 'Enter', ...composed })).toBe(true);
  await expect(palette).toBeFocused();
});

test('on a screen Enter breaks the line, and the button sends', async ({ as }) => {
  const ada = await as('ada', { hasTouch: true, isMobile: true, viewport: { width: 390, height: 800 } });
  await ada.enter(await ada.makeRoom(unique('Touched')));
  expect(await ada.page.evaluate(() => matchMedia('(pointer: coarse)').matches)).toBe(true);
  await ada.composer.fill('one');
  await ada.composer.press('Enter');
  await ada.composer.pressSequentially('two');
  await expect(ada.composer).toHaveValue('one\ntwo');
  await expect(ada.messages).toHaveCount(0);
  await ada.button('Send').click();
  await expect(ada.message('two')).toHaveAttribute('id', /^message-\d+$/);
});

test('a browser that refuses to keep anything still sends', async ({ as }) => {
  const ada = await as('ada');
  await ada.page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
    }
  });
  const [here, there] = [unique('Here'), unique('There')];
  const [one] = [await ada.makeRoom(here), await ada.makeRoom(there)];
  await ada.enter(one);
  await ada.say('nothing is kept');
  await expect(ada.message('nothing is kept')).toHaveAttribute('id', /^message-\d+$/);
  await ada.room(there).click();
  await expect(ada.heading(there)).toBeVisible();
  await ada.expectSamePage();
});

test('a double click makes one room', async ({ as }) => {
  const ada = await as('ada');
  const name = unique('Once');
  await ada.page.goto('/rooms/new');
  await ada.wire.hears('private-Team.1');
  let made = 0;
  let release = () => {};
  const clicked = new Promise<void>((go) => { release = go; });
  await ada.page.route('**/api/rooms/create', async (route) => { made += 1; await clicked; await route.continue(); });
  await ada.page.getByLabel('Room name').fill(name);
  await ada.button('Create room').dblclick();
  await expect(ada.button('Create room')).toBeDisabled();
  release();
  await expect(ada.heading(name)).toBeVisible();
  expect(made).toBe(1);
  await expect(ada.room(name)).toHaveCount(1);
});

test('a double click signs up once, and a refused form can be sent again', async ({ emptyServer, anyone }) => {
  const eve = await anyone({ server: emptyServer });
  eve.guard.expect(422, '/api/people/sign_up');
  await eve.page.goto('/sign-up', { waitUntil: 'networkidle' });
  let sent = 0;
  eve.page.on('request', (request) => { sent += Number(request.url().endsWith('/api/people/sign_up')); });
  await eve.signUp('\u3164', 'eve@example.org');
  await expect(eve.page.getByRole('alert')).toContainText('Please enter a name');
  await expect(eve.button('Sign up')).toBeEnabled();
  await eve.page.waitForLoadState('networkidle');
  await eve.page.getByLabel('Name').fill('Eve');
  await eve.page.getByLabel('Password').fill('earshot-demo');
  const release = await eve.hold('**/api/people/sign_up');
  const button = (await eve.button('Sign up').boundingBox())!;
  const click = () => eve.page.mouse.click(button.x + 9, button.y + 9);
  const asked = eve.page.waitForRequest('**/api/people/sign_up');
  await click();
  await asked;
  await click();
  release();
  await expect(eve.heading('Invite your team')).toBeVisible();
  expect(sent).toBe(2);
});

test('from a place without messages one gets to those that there are', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Nowhere'));
  const id = await ada.post(room, 'the only one');
  for (const [place, way] of [['after=999999999', 'Older messages'], [`before=${id}`, 'Newer messages']]) {
    await ada.page.goto(`/rooms/${room}?${place}`);
    await ada.wire.hears(`private-Room.${room}`);
    await expect(ada.page.getByText('There are no messages at this place.')).toBeVisible();
    await ada.page.getByRole('link', { name: way }).click();
    await expect(ada.message('the only one')).toHaveCount(1);
  }
});

test('at midnight today becomes yesterday', async ({ as }) => {
  const ada = await as('ada');
  const word = unique('midnight').replaceAll(/\W/g, '');
  await ada.post(await ada.makeRoom(unique('Late')), word);
  await ada.page.clock.install();
  await ada.page.goto(`/search?q=${word}`);
  await ada.wire.hears('private-Team.1');
  const when = ada.page.getByRole('main').locator('time').first();
  await expect(when).toHaveText(/^\d{1,2}:\d\d\s[AP]M$/);
  await ada.page.clock.fastForward('24:00:00');
  await expect(when).toHaveText(/\d{4}.*\d{1,2}:\d\d\s[AP]M$/);
});

test('who shares a name with whoever removes them is not told that they have left', async ({ emptyServer, anyone }) => {
  const [eve, namesake] = [await anyone({ server: emptyServer }), await anyone({ server: emptyServer })];
  await eve.signUpFirst('Eve', 'eve@example.org');
  await namesake.join(eve, 'Eve', 'namesake@example.org');
  namesake.guard.allow(/^answer 40[34]: /);
  const { person: { id: user } } = (await namesake.call('people/me', {})) as { person: { id: number } };
  const id = (await eve.call('rooms/create', { name: 'Among us', closed: '1' })) as number;
  for (const [told, go] of [
    ['Eve has removed you from this room.', () => eve.call('rooms/remove_member', { id, user })],
    ['You have left this room.', () => namesake.call('rooms/leave', { id })],
  ] as const) {
    await eve.call('rooms/add_member', { id, user });
    await namesake.enter(id);
    await namesake.wire.hears(`private-User.${user}`);
    await go();
    await expect(namesake.page.getByText(told)).toBeVisible();
    await expect(namesake.room('Among us')).toHaveCount(0);
  }
});

test('what somebody of the same name says is counted', async ({ emptyServer, anyone }) => {
  const [eve, namesake] = [await anyone({ server: emptyServer }), await anyone({ server: emptyServer })];
  await eve.signUpFirst('Eve', 'eve@example.org');
  await namesake.join(eve, 'Eve', 'namesake@example.org');
  const room = await eve.makeRoom('Among us all');
  await namesake.page.goto('/rooms/new');
  await namesake.wire.hears(`private-Room.${room}`);
  await eve.post(room, 'Hello, Eve');
  await expect(namesake.room('Among us all')).toHaveAccessibleDescription(/1 unread/);
});

test('stacked accents stay with their text', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Accents'));
  await ada.post(room, 'above');
  const id = await ada.post(room, 'e');
  await ada.post(room, 'below');
  await ada.enter(room);
  const beside = async () => Promise.all(['above', 'below'].map((text) => ada.message(text).locator('.body').screenshot()));
  const before = await beside();
  await ada.call('messages/edit', { id, body: `e${'\u0301'.repeat(40)}${'\u0323'.repeat(40)}` });
  await expect(ada.messages.nth(1).getByText('edited', { exact: true })).toBeVisible();
  const after = await beside();
  expect(after.map((picture, index) => picture.equals(before[index]))).toEqual([true, true]);
});

test('a sign of several characters stands whole for a person, also once the page has taken over', async ({ emptyServer, anyone }) => {
  const rainbow = '\u{1f3f3}\ufe0f\u200d\u{1f308}';
  const eve = await anyone({ server: emptyServer });
  await eve.signUpFirst(`${rainbow} Ada`, 'ada@example.org');
  const room = await eve.makeRoom('Lounge');
  await eve.post(room, 'what Ada says');
  await eve.page.goto(`/rooms/${room}`);
  await eve.wire.hears(`private-Room.${room}`);
  await expect(eve.message('what Ada says').locator('.avatar')).toHaveText(rainbow);
  await expect(eve.page.locator('footer .avatar')).toHaveText(rainbow);
  await eve.post(room, 'and says live');
  await expect(eve.message('and says live').locator('.avatar')).toHaveText(rainbow);
});

test('a page that breaks says why in the console', async ({ anyone }) => {
  const visitor = await anyone();
  visitor.guard.allow(/panicked at|unreachable|hydration/i);
  await visitor.page.route('/sign-in', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replace(/<main[\s\S]*<\/main>/, '') });
  });
  const said = visitor.page.waitForEvent('console', (message) => /panicked at \S+\.rs:\d+/.test(message.text()));
  await visitor.page.goto('/sign-in');
  await said;
});

test('what was refused before the page was live is done with once one goes on', async ({ as }) => {
  const ada = await as('ada');
  const [name, other] = [unique('Refused'), unique('Other')];
  const room = await ada.makeRoom(name);
  await ada.makeRoom(other);
  ada.guard.expect(422, '/api/messages/post');
  const release = await ada.hold('**/*.wasm');
  await ada.page.goto(`/rooms/${room}`);
  const long = 'much too long '.repeat(1_000);
  await ada.composer.fill(long);
  await ada.button('Send').click();
  const refusal = ada.page.getByRole('main').getByRole('alert');
  await expect(refusal).toContainText('characters');
  release();
  await ada.wire.hears(`private-Room.${room}`);
  await expect(refusal).toContainText('characters');
  await expect(ada.composer).toHaveValue(long);
  await ada.say('short');
  await expect(ada.message('short')).toHaveAttribute('id', /^message-\d+$/);
  await expect(refusal).toHaveCount(0);
  await ada.composer.fill('kept');
  await ada.room(other).click();
  await expect(ada.heading(other)).toBeVisible();
  await ada.room(name).click();
  await expect(ada.heading(name)).toBeVisible();
  await expect(ada.composer).toHaveValue('kept');
});
