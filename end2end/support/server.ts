// The binary under test: each server has a port, a folder and a SQLite database of its own.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const target = process.env.CARGO_TARGET_DIR ?? resolve(import.meta.dirname, '../../target');
const binary = process.env.EARSHOT_BIN ?? join(target, 'release/earshot');

export class Server {
  readonly url: string;
  private process?: ChildProcess;
  /** The exit code, or the signal that ended it. */
  private ended?: Promise<number | string | null>;
  private log = '';

  private constructor(private readonly folder: string, port: number) {
    this.url = `http://127.0.0.1:${port}`;
  }

  /** A server that is up, with the demo world in it or with nothing. */
  static async launch(world: 'demo' | 'empty'): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), 'earshot-')), await freePort());
    try {
      if (world === 'demo') {
        await promisify(execFile)(binary, ['demo'], { env: server.env() });
      }
      await server.start();
    } catch (error) {
      await server.discard();
      throw error;
    }
    return server;
  }

  /** Starts it, after a stop with the same port and database as before. */
  async start(): Promise<void> {
    const child = spawn(binary, ['serve'], { env: this.env(), stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (text: Buffer) => { this.log += text; });
    child.stderr.on('data', (text: Buffer) => { this.log += text; });
    child.on('error', (error) => { this.log += error; });
    this.ended = new Promise((exited) => child.once('exit', (code, signal) => exited(signal ?? code)));
    // No server outlives its tests, however they end.
    const reap = () => child.kill('SIGKILL');
    process.once('exit', reap);
    child.once('exit', () => process.off('exit', reap));
    const deadline = Date.now() + 20_000;
    while (!(await this.isUp())) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`${binary} serve did not come up:\n${this.log}`);
      }
      await new Promise((next) => setTimeout(next, 20));
    }
    this.process = child;
  }

  /** Stops it as an operator does, and insists that it ends cleanly and has logged no error. */
  async stop(): Promise<void> {
    const child = this.process;
    if (!child) return;
    this.process = undefined;
    child.kill('SIGTERM');
    const status = await Promise.race([this.ended, tooLong(15_000)]);
    if (status !== 0) {
      child.kill('SIGKILL');
      throw new Error(`the server ended with ${status}:\n${this.log}`);
    }
    if (/panicked|\bERROR\b/.test(this.log)) {
      throw new Error(`the server logged an error:\n${this.log}`);
    }
  }

  /** What a program needs to know that speaks for this server. */
  async keys(): Promise<{ app_id: string; key: string; secret: string }> {
    return JSON.parse(await readFile(join(this.folder, 'earshot-keys.json'), 'utf8'));
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async discard(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  private async isUp(): Promise<boolean> {
    return fetch(`${this.url}/up`).then((answer) => answer.ok, () => false);
  }

  /** Nothing of the surroundings' settings gets in. */
  private env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      EARSHOT_ADDR: new URL(this.url).host,
      DATABASE_URL: `sqlite://${join(this.folder, 'earshot.db')}`,
      NO_COLOR: '1',
    };
  }
}

async function tooLong(milliseconds: number): Promise<string> {
  await new Promise((over) => setTimeout(over, milliseconds).unref());
  return `no exit within ${milliseconds} ms of SIGTERM`;
}

/** A port below those that outgoing connections take, so that it is still free when a stopped server starts again. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const free = await new Promise<boolean>((answer) => {
      const probe = createServer();
      probe.once('error', () => answer(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)));
    });
    if (free) return port;
  }
}
