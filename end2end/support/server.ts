// The server under test: each has a port, a folder and a database of its own, and is one process, or several behind nginx.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Pusher from 'pusher';
import { freePort } from './port.ts';
import { Process, binary, isUp } from './process.ts';
import { Service } from './service.ts';
import { Several } from './several.ts';
import { until } from './waiting.ts';

export class Server {
  readonly url: string;
  private readonly processes: Process[];

  private constructor(
    private readonly folder: string, readonly port: number, private readonly several?: Several, readonly service?: Service,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    const addresses = several?.addresses ?? [`127.0.0.1:${port}`];
    this.processes = addresses.map((address) => new Process(this.env(address)));
  }

  /** A server that is up, with the demo world in it or with nothing. */
  static async launch(world: 'demo' | 'empty'): Promise<Server> {
    const [folder, port] = [await mkdtemp(join(tmpdir(), 'earshot-')), await freePort()];
    const server = new Server(folder, port, await Several.launch(port), await Service.launch());
    try {
      if (world === 'demo') {
        await promisify(execFile)(binary, ['demo'], { env: server.env(`127.0.0.1:${port}`), timeout: 30_000 });
      }
      await server.start();
    } catch (error) {
      await server.discard();
      throw error;
    }
    return server;
  }

  /** Where clients of Pusher and programs that notify connect to. */
  get carrier(): URL {
    return new URL(this.service?.cable.url ?? this.url);
  }

  /** Starts it with all that it needs, after a stop with the same port and database as before. */
  async start(): Promise<void> {
    await this.service?.start();
    await Promise.all(this.processes.map((process) => process.start()));
    await until(`${this.url} is up`, () => isUp(this.url));
  }

  /** Stops it as an operator does, and insists that it ends cleanly and has logged no error. */
  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop()));
    await this.service?.stop();
  }

  /** What a program needs to know that speaks for this server. */
  async keys(): Promise<{ app_id: string; key: string; secret: string }> {
    const app = this.service?.app ?? this.several?.app;
    if (app) return app;
    return JSON.parse(await readFile(join(this.folder, 'earshot-keys.json'), 'utf8'));
  }

  /** A program that speaks for this server, with the unchanged library `pusher` of npm. */
  async program(changes: Partial<Pusher.Options> = {}): Promise<Pusher> {
    const { app_id: appId, key, secret } = await this.keys();
    const { hostname: host, port } = this.carrier;
    return new Pusher({ appId, key, secret, host, port, useTLS: false, timeout: 10_000, ...changes } as Pusher.Options);
  }

  /** The link in the latest mail to this address. In development mails are shown in the log. */
  async linkMailedTo(address: string): Promise<string> {
    const link = () => {
      const mails = this.log().split(`mail to ${address}:`).slice(1);
      return mails.at(-1)?.match(/https?:\/\/\S+\/reset\/[0-9a-f]+/)?.[0];
    };
    await until(`a link was mailed to ${address}`, () => link() !== undefined);
    return link() ?? '';
  }

  /** Fails if an error was logged since the last look. */
  expectNoErrors(): void {
    this.processes.forEach((process) => process.expectNoErrors());
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async discard(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await this.several?.discard();
      await this.service?.discard();
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  private log(): string {
    return this.processes.map((process) => process.log).join('');
  }

  private env(address: string): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      EARSHOT_ADDR: address,
      EARSHOT_URL: this.url,
      EARSHOT_FILES: join(this.folder, 'files'),
      DATABASE_URL: `sqlite://${join(this.folder, 'earshot.db')}`,
      NO_COLOR: '1',
      ...this.several?.settings(),
      ...this.service?.settings(),
    };
  }
}
