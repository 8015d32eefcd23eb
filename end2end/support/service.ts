// A foreign server that speaks Pusher. With EARSHOT_SERVICE, the path of sockudo, every Earshot of these tests has one for its
// notices, in place of its own hub.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { Cable } from './cable.ts';
import { freePort } from './port.ts';
import { until } from './waiting.ts';

const binary = process.env.EARSHOT_SERVICE;
/** Whether notices go over a foreign service. */
export const overService = binary !== undefined;

export class Service {
  readonly app = { app_id: '1', key: randomBytes(8).toString('hex'), secret: randomBytes(16).toString('hex') };
  private process?: ChildProcess;

  private constructor(private readonly port: number, private readonly metrics: number, readonly cable: Cable) {}

  /** The service of one Earshot, if these tests are to run over one. */
  static async launch(): Promise<Service | undefined> {
    if (!binary) return undefined;
    const port = await freePort();
    return new Service(port, await freePort(), await Cable.to(port));
  }

  /** The settings with which Earshot uses it. */
  settings(): NodeJS.ProcessEnv {
    const { app_id, key, secret } = this.app;
    const { hostname, port } = new URL(this.cable.url);
    return {
      EARSHOT_NOTIFIER: 'pusher', PUSHER_APP_ID: app_id, PUSHER_KEY: key, PUSHER_SECRET: secret,
      PUSHER_HOST: hostname, PUSHER_PORT: port, PUSHER_SCHEME: 'http',
    };
  }

  async start(): Promise<void> {
    const { app_id, key, secret } = this.app;
    const app = {
      ID: app_id, KEY: key, SECRET: secret, ENABLED: 'true', ENABLE_CLIENT_MESSAGES: 'true', ENABLE_USER_AUTHENTICATION: 'true',
    };
    const ofApp = Object.fromEntries(Object.entries(app).map(([name, value]) => [`SOCKUDO_DEFAULT_APP_${name}`, value]));
    const env = {
      RATE_LIMITER_ENABLED: 'false', HOST: '127.0.0.1', PORT: `${this.port}`, METRICS_HOST: '127.0.0.1', METRICS_PORT: `${this.metrics}`, ...ofApp,
    };
    const child = spawn(binary!, [], { env, stdio: 'ignore' });
    const reap = () => child.kill('SIGKILL');
    process.once('exit', reap);
    child.once('exit', () => process.off('exit', reap));
    this.process = child;
    await until(`${binary} listens`, () => {
      if (child.exitCode !== null) throw new Error(`${binary} ended with ${child.exitCode}`);
      return this.isUp();
    });
  }

  /** Stops it without a word to anybody. */
  async stop(): Promise<void> {
    const child = this.process;
    if (!child) return;
    this.process = undefined;
    const ended = new Promise((exited) => child.once('exit', exited));
    child.kill('SIGKILL');
    await ended;
  }

  async discard(): Promise<void> {
    await this.stop();
    this.cable.discard();
  }

  private isUp(): Promise<boolean> {
    return new Promise((answer) => {
      const probe = connect(this.port, '127.0.0.1', () => { probe.destroy(); answer(true); });
      probe.once('error', () => answer(false));
      probe.setTimeout(5_000, () => { probe.destroy(); answer(false); });
    });
  }
}
