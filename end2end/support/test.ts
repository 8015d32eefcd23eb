// What every test may ask for: a server of its worker, and people who are signed in to it.
import { test as base, type BrowserContextOptions, request } from '@playwright/test';
import { Cable } from './cable.ts';
import { Server } from './server.ts';
import { PASSWORD, type Person, Visitor, people } from './visitor.ts';

export { expect } from '@playwright/test';
export * from './visitor.ts';

type StorageState = Exclude<BrowserContextOptions['storageState'], string | undefined>;
type Options = BrowserContextOptions & { server?: Server };

type OfTest = {
  /** What the shared server logs, for each test. */
  log: void;
  /** A server with nobody on it. */
  emptyServer: Server;
  /** A browser in which nobody is signed in. */
  anyone: (options?: Options) => Promise<Visitor>;
  /** What a browser can be connected through, by `baseURL: cable.url`, and cut off. */
  cable: Cable;
  /** A browser in which this person is signed in. */
  as: (person: Person, options?: Options) => Promise<Visitor>;
};

type OfWorker = {
  /** Files with another name here do not share their servers. */
  world: string;
  /** A server with the demo world, shared by the tests of one worker. */
  server: Server;
  /** Each person signs in once per worker: signing in often is limited. */
  sessions: (person: Person) => Promise<StorageState>;
};

export const test = base.extend<OfTest, OfWorker>({
  world: ['shared', { scope: 'worker', option: true }],

  server: [async ({ world: _ }, use) => {
    const server = await Server.launch('demo');
    await use(server);
    await server.discard();
  }, { scope: 'worker' }],

  sessions: [async ({ server }, use) => {
    const known = new Map<Person, StorageState>();
    await use(async (person) => {
      const state = known.get(person) ?? await signIn(server, person);
      known.set(person, state);
      return state;
    });
  }, { scope: 'worker' }],

  // An error fails the test in which it is logged.
  log: [async ({ server }, use) => {
    await use();
    server.expectNoErrors();
  }, { auto: true }],

  emptyServer: async ({}, use) => {
    const server = await Server.launch('empty');
    await use(server);
    await server.discard();
  },

  cable: async ({ server }, use) => {
    const cable = await Cable.to(server.port, server.service?.cable);
    await use(cable);
    cable.discard();
  },

  anyone: async ({ browser, server: shared }, use) => {
    const here: Visitor[] = [];
    await use(async ({ server = shared, ...options } = {}) => {
      const context = await browser.newContext({ baseURL: server.url, ...options });
      const visitor = new Visitor(await context.newPage(), context);
      if (options.javaScriptEnabled === false) {
        // The page offers its script, and Chromium says that it may not or did not run.
        visitor.guard.allow(/^request failed: GET \/pkg\/earshot\.js csp$/, /earshot_bg\.wasm was preloaded .* not used/);
      }
      here.push(visitor);
      return visitor;
    });
    for (const visitor of here) {
      await visitor.context.close();
    }
    here.forEach((visitor, index) => visitor.guard.check(`visitor ${index + 1}`));
  },

  as: async ({ anyone, sessions }, use) => {
    await use(async (person, options) => anyone({ storageState: await sessions(person), ...options }));
  },
});

async function signIn(server: Server, person: Person): Promise<StorageState> {
  const browser = await request.newContext({ baseURL: server.url });
  const form = { email: people[person].email, password: PASSWORD };
  const answer = await browser.post('/api/people/sign_in', { form });
  if (!answer.ok()) throw new Error(`${person} cannot sign in: ${await answer.text()}`);
  const state = await browser.storageState();
  await browser.dispose();
  return state;
}
