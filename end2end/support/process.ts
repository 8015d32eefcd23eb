// One process of Earshot, as an operator starts and stops it.
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const target = process.env.CARGO_TARGET_DIR ?? resolve(import.meta.dirname, '../../target');
export const binary = process.env.EARSHOT_BIN ?? join(target, 'release/earshot');

export class Process {
  log = '';
  private child?: ChildProcess;
  /** The exit code, or the signal that ended it. */
  private ended?: Promise<number | string | null>;

  /** `env`: all its settings. Nothing of the surroundings' gets in. */
  constructor(private readonly env: NodeJS.ProcessEnv) {}

  async start(): Promise<void> {
    const child = spawn(binary, ['serve'], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (text: Buffer) => { this.log += text; });
    child.stderr.on('data', (text: Buffer) => { this.log += text; });
    child.on('error', (error) => { this.log += error; });
    this.ended = new Promise((exited) => child.once('exit', (code, signal) => exited(signal ?? code)));
    // No server outlives its tests, however they end.
    const reap = () => child.kill('SIGKILL');
    process.once('exit', reap);
    child.once('exit', () => process.off('exit', reap));
    const deadline = Date.now() + 20_000;
    while (!(await isUp(`http://${this.env.EARSHOT_ADDR}`))) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`${binary} serve did not come up:\n${this.log}`);
      }
      await new Promise((next) => setTimeout(next, 20));
    }
    this.child = child;
  }

  /** Stops it with SIGTERM, and insists that it ends cleanly and has logged no error. */
  async stop(): Promise<void> {
    const child = this.child;
    if (!child) return;
    this.child = undefined;
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
}

export async function isUp(url: string): Promise<boolean> {
  return fetch(`${url}/up`).then((answer) => answer.ok, () => false);
}

async function tooLong(milliseconds: number): Promise<string> {
  await new Promise((over) => setTimeout(over, milliseconds).unref());
  return `no exit within ${milliseconds} ms of SIGTERM`;
}
