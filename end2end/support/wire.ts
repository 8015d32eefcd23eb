// Records what a page says and hears on its WebSockets.
import { expect, type Page, type WebSocket } from '@playwright/test';

export type Frame = {
  socket: WebSocket;
  sent: boolean;
  event: string;
  /** The channel that it is about, also when it stands in the data. */
  channel?: string;
  data: Record<string, unknown>;
  text: string;
};

export class Wire {
  /** Those of the document that is shown now. */
  sockets: WebSocket[] = [];
  /** Everything since the page was opened. */
  readonly frames: Frame[] = [];

  constructor(page: Page) {
    page.on('request', (request) => {
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) this.sockets = [];
    });
    page.on('websocket', (socket) => {
      this.sockets.push(socket);
      socket.on('framesent', ({ payload }) => this.note(socket, true, String(payload)));
      socket.on('framereceived', ({ payload }) => this.note(socket, false, String(payload)));
    });
  }

  /** Waits until the page hears the channel: then it is hydrated, too. */
  async hears(channel: string): Promise<void> {
    // Nearly every test waits for this: it costs nothing to look often.
    await expect.poll(() => this.isSubscribed(channel), { message: `hears ${channel}`, intervals: [20], timeout: 30_000 }).toBe(true);
  }

  isSubscribed(channel: string): boolean {
    const socket = this.sockets.at(-1);
    if (!socket || socket.isClosed()) return false;
    const about = this.frames.filter((frame) => frame.socket === socket && frame.channel === channel);
    const states = ['pusher_internal:subscription_succeeded', 'pusher:subscription_error', 'pusher:unsubscribe'];
    return about.findLast((frame) => states.includes(frame.event))?.event === states[0];
  }

  sent(event: string, channel?: string): Frame[] {
    return this.frames.filter((f) => f.sent && f.event === event && (!channel || f.channel === channel));
  }

  heard(event: string, channel?: string): Frame[] {
    return this.frames.filter((f) => !f.sent && f.event === event && (!channel || f.channel === channel));
  }

  private note(socket: WebSocket, sent: boolean, text: string): void {
    const { event, channel, data } = JSON.parse(text);
    const content = typeof data === 'string' ? JSON.parse(data) : (data ?? {});
    this.frames.push({ socket, sent, event, channel: channel ?? content.channel, data: content, text });
  }
}
