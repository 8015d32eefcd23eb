// A page with the unchanged pusher-js of npm in it, as any Pusher client would use it, and what it hears.
import { resolve } from 'node:path';
import { expect } from '@playwright/test';
import type { Visitor } from './visitor.ts';

const modules = resolve(import.meta.dirname, '../node_modules');
const PUSHER_JS = `${modules}/pusher-js/dist/web/pusher.min.js`;
const ECHO_JS = `${modules}/laravel-echo/dist/echo.iife.js`;

export type Heard = { event: string; data: unknown };
type Channel = {
  bind_global(heard: (event: string, data: unknown) => void): void;
  bind(event: string, heard: (data: unknown, meta?: { user_id?: string }) => void): void;
  trigger(event: string, data: unknown): void;
};
type Pusher = {
  subscribe(channel: string): Channel;
  unsubscribe(channel: string): void;
  channel(name: string): Channel;
  signin(): void;
  user: { bind_global: Channel['bind_global'] };
  connection: { state: string; socket_id: string };
};
export type PusherWindow = { Pusher: new (key: string, options: object) => Pusher; heard: Heard[]; pusher: Pusher };

/** Has the page connect with pusher-js. Its person's pages have to be opened with `bypassCSP`. */
export async function connect(visitor: Visitor): Promise<void> {
  const settings = await (await visitor.context.request.get('/rest/pusher/key')).json();
  await visitor.page.addScriptTag({ path: PUSHER_JS });
  await visitor.page.evaluate(({ key, cluster, host, port }) => {
    const page = window as unknown as PusherWindow;
    page.heard = [];
    page.pusher = new page.Pusher(key, {
      cluster,
      wsHost: host ?? location.hostname,
      wsPort: port ?? Number(location.port),
      forceTLS: false,
      enabledTransports: ['ws'],
      channelAuthorization: { endpoint: '/rest/pusher/auth', transport: 'ajax' },
      userAuthentication: { endpoint: '/rest/pusher/user-auth', transport: 'ajax' },
    });
  }, settings);
}

/** Subscribes to the channel, and notes every event on it. */
export async function subscribe(visitor: Visitor, channel: string): Promise<void> {
  await visitor.page.evaluate((channel) => {
    const page = window as unknown as PusherWindow;
    page.pusher.subscribe(channel).bind_global((event, data) => page.heard.push({ event, data }));
  }, channel);
}

/** Puts the unchanged laravel-echo beside a pusher-js that is connected already, as `window.echo`. */
export async function echo(visitor: Visitor): Promise<void> {
  await visitor.page.addScriptTag({ path: ECHO_JS });
  await visitor.page.evaluate(() => {
    const page = window as unknown as PusherWindow & { Echo: { default: new (options: object) => unknown }; echo: unknown };
    page.echo = new page.Echo.default({ broadcaster: 'pusher', key: 'unused', client: page.pusher });
  });
}

export async function heard(visitor: Visitor, event: string): Promise<Heard[]> {
  const all = await visitor.page.evaluate(() => (window as unknown as PusherWindow).heard);
  return all.filter((one) => one.event === event);
}

export async function expectHeard(visitor: Visitor, event: string, times: number): Promise<void> {
  await expect.poll(async () => (await heard(visitor, event)).length, `${event} is heard`).toBe(times);
}
