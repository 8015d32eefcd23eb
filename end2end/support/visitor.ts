// Somebody with a browser of their own: what they see, what they do, and what their page says to the server.
import { randomUUID } from 'node:crypto';
import { type BrowserContext, type Locator, type Page, expect } from '@playwright/test';
import { Guard } from './guard.ts';
import { Wire } from './wire.ts';

export const PASSWORD = 'earshot-demo';
/** The people of the demo world, by the order in which they were made. */
export const people = {
  ada: { id: 1, name: 'Ada', email: 'ada@example.org' },
  bob: { id: 2, name: 'Bob', email: 'bob@example.org' },
  cleo: { id: 3, name: 'Cleo', email: 'cleo@example.org' },
  dan: { id: 4, name: 'Dan', email: 'dan@example.org' },
};
export type Person = keyof typeof people;

export class Visitor {
  readonly wire: Wire;
  readonly nav: Locator;
  readonly composer: Locator;
  readonly messages: Locator;

  constructor(readonly page: Page, readonly context: BrowserContext, readonly guard = new Guard()) {
    guard.watch(page);
    this.wire = new Wire(page);
    this.nav = page.getByRole('navigation', { name: 'Rooms' });
    this.composer = page.getByRole('textbox', { name: 'Message', exact: true });
    this.messages = page.getByRole('log', { name: 'Conversation' }).getByRole('article');
  }

  /** Another tab of the same browser. */
  async tab(): Promise<Visitor> {
    return new Visitor(await this.context.newPage(), this.context, this.guard);
  }

  /** Opens a room and waits until its page is live. */
  async enter(room: number): Promise<void> {
    await this.page.goto(`/rooms/${room}`);
    await this.wire.hears(`private-Room.${room}`);
    await this.markPage();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
    await expect(this.composer).toHaveValue('');
  }

  /** Keeps requests to these addresses from reaching the server, until they are released. */
  async hold(...addresses: string[]): Promise<() => void> {
    let release = () => {};
    const held = new Promise<void>((go) => { release = go; });
    for (const address of addresses) {
      await this.page.route(address, async (route) => { await held; await route.continue(); });
    }
    return release;
  }

  message(text: string): Locator {
    return this.messages.filter({ hasText: text });
  }

  /** A room in the list at the side. */
  room(name: string): Locator {
    return this.nav.getByRole('link', { name, exact: true });
  }

  heading(name: string): Locator {
    return this.page.getByRole('heading', { name, exact: true, level: 1 });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Goes to the oldest message that there is, and waits until the page knows that one reads there. */
  async readFromTheTop(): Promise<void> {
    const log = this.page.getByRole('log');
    await log.press('Home');
    await expect.poll(() => this.distanceFromTop(), 'the oldest message is reached').toBe(0);
    // A page is told of its scrolling with the next frame.
    await log.evaluate(() => new Promise((told) => requestAnimationFrame(() => requestAnimationFrame(told))));
  }

  /** Pixels between what is in view and the oldest message on the page. */
  distanceFromTop(): Promise<number> {
    return this.page.getByRole('log').evaluate((log) => Math.round(log.scrollHeight - log.clientHeight + log.scrollTop));
  }

  /** Opens the palette by its keys, and types into it. */
  async find(words: string): Promise<void> {
    await this.page.keyboard.press('Control+k');
    await expect(this.page.getByRole('combobox', { name: 'Find rooms, people and messages' })).toBeFocused();
    await this.page.keyboard.type(words);
  }

  /** The time of this browser stands still from now on. Its clock has to be installed before its pages are opened. */
  async stopTime(): Promise<void> {
    // It can only be stopped at a moment that is yet to come.
    await this.page.clock.pauseAt(Date.now() + 60_000);
  }

  /** Opens the menu of what can be done to a message, and returns the message. */
  async openMenu(text: string): Promise<Locator> {
    const message = this.message(text);
    await message.hover();
    await message.getByRole('button', { name: 'More actions' }).click();
    return message;
  }

  /** Presses what opens the question, then answers it with yes. */
  async deleteMessage(text: string): Promise<void> {
    const message = await this.openMenu(text);
    await message.getByRole('button', { name: 'Delete', exact: true }).click();
    await message.getByRole('button', { name: 'Yes, delete it' }).click();
  }

  /** Opens the form in a message's place, and returns its field. */
  async edit(text: string): Promise<Locator> {
    await (await this.openMenu(text)).getByRole('link', { name: 'Edit' }).click();
    return this.page.getByRole('textbox', { name: 'New text' });
  }

  /** Leaves a mark that a reload would wipe away. */
  async markPage(): Promise<void> {
    await this.page.evaluate(() => { Object.assign(window, { marked: true }); });
  }

  async expectSamePage(): Promise<void> {
    expect(await this.page.evaluate(() => 'marked' in window), 'the page was not loaded again').toBe(true);
  }

  async signIn(email: string, password = PASSWORD): Promise<void> {
    await this.page.getByLabel('Email').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.button('Sign in').click();
  }

  async signUp(name: string, email: string, password = PASSWORD): Promise<void> {
    await this.page.getByLabel('Name').fill(name);
    await this.page.getByLabel('Email').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.button('Sign up').click();
  }

  /** Makes the administrator's account of an empty server. */
  async signUpFirst(name: string, email: string): Promise<void> {
    await this.page.goto('/');
    await this.signUp(name, email);
    await expect(this.heading('Invite your team')).toBeVisible();
  }

  /** Makes an account with the join link that `administrator` hands over. */
  async join(administrator: Visitor, name: string, email: string): Promise<void> {
    await this.page.goto(await administrator.joinLink());
    await this.signUp(name, email);
    await expect(this.button('Sign out')).toBeVisible();
  }

  async joinLink(): Promise<string> {
    return ((await this.call('join_link/get', {})) as { url: string }).url;
  }

  /** Makes a room behind the pages' backs, and returns its id. */
  async makeRoom(name: string, members?: Person[]): Promise<number> {
    const id = (await this.call('rooms/create', members ? { name, closed: '1' } : { name })) as number;
    for (const member of members ?? []) {
      await this.call('rooms/add_member', { id, user: people[member].id });
    }
    return id;
  }

  /** Posts behind the pages' backs, and returns the message's id. */
  async post(room: number, body: string): Promise<number> {
    return (await this.call('messages/post', { room, body, client_id: randomUUID() })) as number;
  }

  /** Posts "number 1." and so on, one after the other, and returns their ids. */
  async postNumbers(room: number, last: number, first = 1): Promise<number[]> {
    const ids: number[] = [];
    for (let number = first; number <= last; number += 1) ids.push(await this.post(room, `number ${number}.`));
    return ids;
  }

  /** Posts many messages, several at a time, and returns their ids, oldest first. */
  async postMany(room: number, count: number): Promise<number[]> {
    const ids: number[] = [];
    while (ids.length < count) {
      const some = Array.from({ length: Math.min(10, count - ids.length) }, (_, index) => `many ${ids.length + index}`);
      ids.push(...await Promise.all(some.map((body) => this.post(room, body))));
    }
    return ids.sort((one, other) => one - other);
  }

  /** Calls a server function. */
  async call(path: string, form: Record<string, string | number>): Promise<unknown> {
    const answer = await this.context.request.post(`/api/${path}`, { form });
    expect(answer.status(), `${path}: ${await answer.text()}`).toBe(200);
    return answer.json();
  }

  /** The status with which the server answers a request for signatures, as pusher-js makes it. */
  async authStatus(channel: string, socketId = '123.456'): Promise<number> {
    const form = { socket_id: socketId, channel_name: channel };
    return (await this.context.request.post('/rest/pusher/auth', { form })).status();
  }
}

let count = 0;
/** A name that no other test uses. */
export function unique(name: string): string {
  count += 1;
  return `${name} ${process.pid}-${count}`;
}
