// One process of Earshot, as an operator starts and stops it.
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { until, within } from './waiting.ts';

const target = process.env.CARGO_TARGET_DIR ?? resolve(import.meta.dirname, '../../target');
export const binary = process.env.EARSHOT_BIN ?? join(target, 'release/earshot');

export class Process {
  log = '';
  /** Up to here it was looked for errors. */
  private looked = 0;
  private child?: ChildProcess;
  /** The exit code, or the signal that ended it. */
  private ended: Promise<number | string | null> = Promise.resolve(null);

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
    const url = `http://${this.env.EARSHOT_ADDR}`;
    const answers = () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('its process has ended');
      return isUp(url);
    };
    await until(`${url} is up`, answers).catch((error) => {
      child.kill('SIGKILL');
      throw new Error(`${binary} serve did not come up: ${error}\n${this.log}`);
    });
    this.child = child;
  }

  /** Stops it with SIGTERM, and insists that it ends cleanly and has logged no error. */
  async stop(): Promise<void> {
    const child = this.child;
    if (!child) return;
    this.child = undefined;
    child.kill('SIGTERM');
    const status = await within('an end after SIGTERM', this.ended, 15_000).catch(String);
    if (status !== 0) {
      child.kill('SIGKILL');
      throw new Error(`the server ended with ${status}:\n${this.log}`);
    }
    this.expectNoErrors();
  }

  /** Fails with what was logged since the last look, if an error is among it. */
  expectNoErrors(): void {
    const end = this.log.lastIndexOf('\n') + 1;
    const recent = this.log.slice(this.looked, end);
    this.looked = end;
    if (/panicked|\bERROR\b/.test(recent)) throw new Error(`the server logged an error:\n${recent}`);
  }
}

export async function isUp(url: string): Promise<boolean> {
  return fetch(`${url}/up`, { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.ok, () => false);
}
