// A page becomes live in several turns: whoever uses it in between gets what they asked for.
import { type Visitor } from '../support/visitor.ts';
import { expect, test, unique } from '../support/test.ts';

type Held = Window & { held: (() => void)[]; letGo: () => void };

/** Opens a room, and lets its page take no more than some turns until it is let go. */
async function enterPartly(visitor: Visitor, room: number, turns: number): Promise<void> {
  await visitor.page.addInitScript(() => {
    const page = window as never as Held;
    const timer = page.setTimeout.bind(page) as (handler: TimerHandler, after?: number) => number;
    page.held = [];
    page.setTimeout = ((handler: TimerHandler, after?: number) =>
      typeof handler === 'function' && !after ? page.held.push(handler as () => void) : timer(handler, after)) as typeof page.setTimeout;
    page.letGo = () => {
      page.setTimeout = timer as typeof page.setTimeout;
      page.held.splice(0).forEach((one) => timer(one));
    };
  });
  await visitor.page.goto(`/rooms/${room}`);
  for (let turn = 0; turn <= turns; turn += 1) {
    await visitor.page.waitForFunction(() => (window as never as Held).held.length > 0);
    if (turn < turns) await visitor.page.evaluate(() => (window as never as Held).held.shift()?.());
  }
}

async function letGo(visitor: Visitor): Promise<void> {
  await visitor.page.evaluate(() => (window as never as Held).letGo());
}

for (const turns of [1, 2, 3, 4, 5]) {
  test(`a click in turn ${turns} leads to the room, and the list says so`, async ({ as }) => {
    const ada = await as('ada');
    const [name, other] = [unique('Here'), unique('There')];
    const room = await ada.makeRoom(name);
    await ada.post(await ada.makeRoom(other), 'You have found it.');
    await enterPartly(ada, room, turns);
    await expect(ada.page).toHaveTitle(new RegExp(`${name} · Earshot$`));
    await ada.room(other).click({ noWaitAfter: true });
    await letGo(ada);
    await expect(ada.heading(other)).toBeVisible();
    await expect(ada.message('You have found it.')).toBeVisible();
    await expect(ada.room(other)).toHaveAttribute('aria-current', 'page');
    await expect(ada.room(name)).not.toHaveAttribute('aria-current', 'page');
  });

  test(`what is said in turn ${turns} is sent, once`, async ({ as }) => {
    const ada = await as('ada');
    const room = await ada.makeRoom(unique('Early'));
    await enterPartly(ada, room, turns);
    await ada.say('Said early.');
    await letGo(ada);
    await expect(ada.message('Said early.')).toHaveAttribute('id', /^message-\d+$/);
    await ada.page.reload();
    await expect(ada.message('Said early.')).toHaveCount(1);
  });
}
