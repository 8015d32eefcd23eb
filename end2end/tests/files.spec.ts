// Files: attached by button, by dragging and by pasting; looked at, downloaded, and never run.
import { readFile } from 'node:fs/promises';
import { choose, large, type Payload, picture, text, tray } from '../support/payloads.ts';
import { expect, test, unique, type Visitor } from '../support/test.ts';

/** Fires a drag or paste event with files in it, where the selector points. */
async function bring({ page }: Visitor, event: 'dragover' | 'drop' | 'paste', where: string, files: Payload[]): Promise<void> {
  const given = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString('base64') }));
  await page.locator(where).first().evaluate((target, { event, given }) => {
    const data = new DataTransfer();
    for (const { name, mimeType, base64 } of given) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      data.items.add(new File([bytes], name, { type: mimeType }));
    }
    const options = { bubbles: true, cancelable: true };
    target.dispatchEvent(event === 'paste'
      ? new ClipboardEvent('paste', { ...options, clipboardData: data })
      : new DragEvent(event, { ...options, dataTransfer: data }));
  }, { event, given });
}

test('files are attached by the button, and one message brings them to everyone', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Files'));
  await ada.enter(room);
  await bob.enter(room);
  await choose(ada, [picture('garden.png', 800, 400), text('notes.txt', 'what I noted')]);
  await expect(tray(ada)).toHaveCount(2);
  await expect(tray(ada).first().locator('img')).toBeVisible();
  await ada.say('two files');
  await expect(tray(ada)).toHaveCount(0);
  for (const side of [ada, bob]) {
    const message = side.message('two files');
    await expect(message).toHaveAttribute('id', /^message-\d+$/);
    const shown = message.getByRole('img', { name: 'garden.png' });
    await expect(shown).toHaveAttribute('width', '400');
    await expect(shown).toHaveAttribute('height', '200');
    await expect.poll(() => shown.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(640);
    const download = side.page.waitForEvent('download');
    await message.getByRole('link', { name: 'notes.txt' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('notes.txt');
    expect(await readFile(await file.path(), 'utf8')).toBe('what I noted');
    await side.expectSamePage();
  }
});

test('a message may be files alone, dragged onto the room', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Drag'));
  await ada.enter(room);
  await bob.enter(room);
  await bring(ada, 'dragover', '.timeline', [text('dragged.txt')]);
  await expect(ada.page.getByText('Drop the files here')).toBeVisible();
  await bring(ada, 'drop', '.timeline', [text('dragged.txt')]);
  await expect(ada.page.getByText('Drop the files here')).toHaveCount(0);
  await expect(tray(ada)).toHaveText(/dragged\.txt/);
  await ada.button('Send').click();
  for (const side of [ada, bob]) {
    await expect(side.messages).toHaveCount(1);
    await expect(side.messages.getByRole('link', { name: 'dragged.txt' })).toBeVisible();
    await expect(side.messages).toHaveAttribute('id', /^message-\d+$/);
  }
  await ada.page.reload();
  await expect(ada.messages.getByRole('link', { name: 'dragged.txt' })).toBeVisible();
});

test('a picture is pasted where one writes, and text stays text', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Paste')));
  await ada.composer.fill('look');
  await bring(ada, 'paste', '.composer textarea', [picture('image.png', 30, 20)]);
  await expect(tray(ada)).toHaveCount(1);
  await ada.composer.press('Enter');
  await expect(ada.message('look').getByRole('img', { name: 'image.png' })).toHaveAttribute('width', '30');
  await ada.page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/plain', 'words');
    document.querySelector('.composer textarea')?.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(tray(ada)).toHaveCount(0);
});

test('each of several files has its bar, can be taken back on its way, and the message waits for the rest', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Several'));
  await ada.enter(room);
  ada.guard.allow(/request failed: POST \/files/);
  const release = await ada.hold('**/files?*');
  await choose(ada, [text('one.txt'), text('two.txt'), text('three.txt')]);
  await expect(tray(ada).getByRole('progressbar')).toHaveCount(3);
  await ada.button('Remove two.txt').click();
  await expect(tray(ada)).toHaveText([/one\.txt/, /three\.txt/]);
  await ada.composer.fill('when all are there');
  await ada.composer.press('Enter');
  await expect(ada.page.getByText('sent once the files are there')).toBeVisible();
  await expect(ada.messages).toHaveCount(0);
  release();
  const message = ada.message('when all are there');
  await expect(message).toHaveAttribute('id', /^message-\d+$/);
  await expect(message.getByRole('link', { name: /\.txt/ })).toHaveText([/one\.txt/, /three\.txt/]);
  await expect(tray(ada)).toHaveCount(0);
  await expect(ada.composer).toHaveValue('');
});

test('a file that does not get through says why and is tried again', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Again')));
  ada.guard.allow(/\/files\b/);
  let tries = 0;
  await ada.page.route('**/files?*', async (route) => {
    tries += 1;
    await (tries === 1 ? route.abort('connectionreset') : route.continue());
  });
  await choose(ada, [text('stubborn.txt')]);
  await expect(tray(ada).getByRole('alert')).toHaveText('The server cannot be reached. Please try again.');
  await ada.composer.fill('with a file');
  await ada.composer.press('Enter');
  await expect(ada.page.getByText('A file has not got through.')).toBeVisible();
  await ada.button('Try again').click();
  await expect(tray(ada).getByRole('alert')).toHaveCount(0);
  await ada.composer.press('Enter');
  await expect(ada.message('with a file').getByRole('link', { name: 'stubborn.txt' })).toBeVisible();
});

test('what is too much is not even begun', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Much')));
  let uploads = 0;
  await ada.page.route('**/files?*', async (route) => { uploads += 1; await route.continue(); });
  await choose(ada, [await large('film.mkv', 25_000_001)]);
  await expect(tray(ada).getByRole('alert')).toHaveText('This file is too large: 25 MB is the most.');
  expect(uploads).toBe(0);
  await ada.button('Remove film.mkv').click();
  await choose(ada, Array.from({ length: 11 }, (_, number) => text(`${number}.txt`)));
  await expect(tray(ada)).toHaveCount(10);
  await expect(ada.page.getByRole('alert')).toHaveText('At most 10 files can be sent with one message.');
});

test('a picture opens large in a dialog, and Escape closes it', async ({ as }) => {
  const ada = await as('ada');
  await ada.enter(await ada.makeRoom(unique('Large')));
  await choose(ada, [picture('large.png', 1600, 900)]);
  await ada.button('Send').click();
  await expect(ada.messages).toHaveAttribute('id', /^message-\d+$/);
  const small = ada.messages.getByRole('link', { name: 'large.png' });
  await small.click();
  const dialog = ada.page.getByRole('dialog', { name: 'large.png' });
  const large = dialog.getByRole('img', { name: 'large.png' });
  await expect.poll(() => large.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1600);
  await expect(dialog.getByText('1600 × 900')).toBeVisible();
  await ada.page.keyboard.press('Escape');
  await expect(ada.page.locator('dialog.large')).toHaveCount(0);
  await expect(small).toBeFocused();
  await small.press('Enter');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toHaveCount(0);
  // Its own address shows it too, to those who open another tab.
  const answer = await (await ada.context.newPage()).goto(await small.getAttribute('href') ?? '');
  expect(answer?.headers()['content-type']).toBe('image/png');
  await ada.expectSamePage();
});

test('the place of a picture is there before the picture is', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Place'));
  await ada.enter(room);
  await choose(ada, [picture('late.png', 300, 200)]);
  await ada.say('see below');
  await expect(ada.message('see below')).toHaveAttribute('id', /^message-\d+$/);
  let release = () => {};
  const held = new Promise<void>((go) => { release = go; });
  await ada.page.route('**/thumbnail', async (route) => { await held; await route.continue(); });
  await ada.page.goto(`/rooms/${room}`, { waitUntil: 'commit' });
  const late = ada.page.getByRole('img', { name: 'late.png' });
  await ada.wire.hears(`private-Room.${room}`);
  const before = await late.boundingBox();
  expect([before?.width, before?.height]).toEqual([300, 200]);
  release();
  await expect.poll(() => late.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)).toBe(300);
  await expect.poll(() => late.boundingBox()).toEqual(before);
});

test('markup that is uploaded is saved and not run, whatever it is called', async ({ as }) => {
  const ada = await as('ada');
  const room = await ada.makeRoom(unique('Evil'));
  await ada.enter(room);
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="parent.broken=1"><script>top.broken=1</script></svg>';
  const name = '<img src=x onerror="window.broken=1">\u202egpj.svg';
  const evil = [
    { name: 'drawing.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(svg) },
    { name: 'page.png', mimeType: 'image/png', buffer: Buffer.from('<script>top.broken=1</script>') },
    { name, mimeType: 'image/svg+xml', buffer: Buffer.from(svg) },
  ];
  await choose(ada, evil);
  await ada.say('three of them');
  const links = ada.message('three of them').locator('.files a');
  await expect(links).toHaveText([/drawing\.svg/, /page\.png/, /<img src=x onerror="window\.broken=1">gpj\.svg/]);
  await expect(ada.message('three of them').locator('.files img')).toHaveCount(0);
  for (const link of await links.all()) {
    const download = ada.page.waitForEvent('download');
    const address = await link.getAttribute('href') ?? '';
    await ada.page.evaluate((address) => { window.location.href = address; }, address);
    await download;
    const answer = await ada.context.request.get(address);
    expect(answer.headers()['content-disposition']).toMatch(/^attachment/);
    expect(answer.headers()['content-security-policy']).toBe('sandbox');
  }
  expect(await ada.page.evaluate(() => 'broken' in window)).toBe(false);
  await ada.expectSamePage();
});

test('a file is found by those who may read its room, and by nobody else', async ({ as }) => {
  const [bob, cleo, dan] = [await as('bob'), await as('cleo'), await as('dan')];
  const room = await bob.makeRoom(unique('Closed'), ['cleo']);
  await bob.enter(room);
  await choose(bob, [text('secret.txt')]);
  await bob.say('for Cleo');
  const link = bob.message('for Cleo').getByRole('link', { name: 'secret.txt' });
  await expect(bob.message('for Cleo')).toHaveAttribute('id', /^message-\d+$/);
  const address = await link.getAttribute('href') ?? '';
  const status = async (visitor: Visitor) => (await visitor.context.request.get(address)).status();
  expect([await status(bob), await status(cleo), await status(dan)]).toEqual([200, 200, 404]);
  await bob.call('rooms/remove_member', { id: room, user: 3 });
  expect(await status(cleo)).toBe(404);
  await bob.deleteMessage('for Cleo');
  await expect(link).toHaveCount(0);
  await expect.poll(() => status(bob)).toBe(404);
});

test('a file that is dropped while the next room is on its way is not put into the room before', async ({ as }) => {
  const ada = await as('ada');
  const [here, there] = [unique('Here'), unique('There')];
  const [room] = [await ada.makeRoom(here), await ada.makeRoom(there)];
  await ada.enter(room);
  const release = await ada.hold('**/api/rooms/get');
  await ada.room(there).click();
  await expect(ada.page.locator('.room[inert]')).toHaveCount(1);
  await bring(ada, 'drop', '.timeline', [text('late.txt')]);
  await expect(tray(ada)).toHaveCount(0);
  release();
  await expect(ada.heading(there)).toBeVisible();
  await bring(ada, 'drop', '.timeline', [text('in time.txt')]);
  await expect(tray(ada)).toHaveText(/in time\.txt/);
  await ada.room(here).click();
  await expect(ada.heading(here)).toBeVisible();
  await expect(tray(ada)).toHaveCount(0);
});
