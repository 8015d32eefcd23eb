// The example of the module: what rises in one browser rises in the other.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { freePort } from '../support/port.ts';
import { binary } from '../support/process.ts';
import { until, within } from '../support/waiting.ts';

const site = join(import.meta.dirname, '../../target/counter');

let folder: string;
let url: string;
let counter: ChildProcess;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counter-'));
  const address = `127.0.0.1:${await freePort()}`;
  url = `http://${address}`;
  counter = spawn(join(dirname(binary), 'counter'), [address, `sqlite://${join(folder, 'counter.db')}`, site], { stdio: 'inherit' });
  await until(`${url} answers`, () => fetch(url).then((answer) => answer.ok, () => false));
});

test.afterAll(async () => {
  const ended = once(counter, 'exit');
  counter.kill();
  await within('an end of the counter', ended);
  await rm(folder, { recursive: true });
});

test('what is raised in one browser has risen in the other', async ({ browser }) => {
  const pages = await Promise.all([browser.newPage(), browser.newPage()]);
  for (const page of pages) {
    const subscribed = page.waitForEvent('websocket').then((socket) =>
      socket.waitForEvent('framereceived', ({ payload }) => payload.includes('subscription_succeeded')));
    await page.goto(url);
    await subscribed;
    await expect(page.getByRole('status')).toHaveText('0');
  }
  const [one, other] = pages;
  await one.getByRole('button', { name: 'Raise' }).click();
  for (const page of pages) await expect(page.getByRole('status')).toHaveText('1');
  await other.getByRole('button', { name: 'Raise' }).click();
  for (const page of pages) await expect(page.getByRole('status')).toHaveText('2');
});
