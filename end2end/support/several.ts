// With EARSHOT_SEVERAL every Earshot of these tests is three servers behind nginx, each on a database of its own in one PostgreSQL.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './port.ts';
import { within } from './waiting.ts';

/** Whether there are several servers. */
export const several = process.env.EARSHOT_SEVERAL !== undefined;

const machines = resolve(import.meta.dirname, '../../server/tests/machines');

/** Starts one of the scripts there. It ends when its input does: with this process, at the latest. */
function start(script: string, ...parameters: string[]): ChildProcess {
  return spawn(`${machines}/${script}`, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Starts PostgreSQL before all tests, and returns what is to be done after them. */
export default async function setUp(): Promise<() => Promise<void>> {
  const port = await freePort();
  const postgres = start('postgres.sh', `${port}`, '-c fsync=off');
  await within('PostgreSQL is ready', new Promise<void>((ready, failed) => {
    postgres.stdout!.once('data', () => ready());
    postgres.once('exit', (code) => failed(new Error(`PostgreSQL ended with ${code}`)));
  }), 60_000);
  process.env.EARSHOT_POSTGRES_PORT = `${port}`;
  return () => ended(postgres);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((exited) => child.once('exit', () => exited()));
  child.stdin!.end();
  await within(`the end of ${child.spawnargs.join(' ')}`, exit).finally(() => child.kill('SIGKILL'));
}

export class Several {
  readonly app = { app_id: '1', key: randomBytes(8).toString('hex'), secret: randomBytes(16).toString('hex') };
  private nginx?: ChildProcess;

  private constructor(private readonly database: string, readonly addresses: string[]) {}

  /** A database and three addresses behind nginx on this port, if these tests are to run on several servers. */
  static async launch(port: number): Promise<Several | undefined> {
    if (!several) return undefined;
    const database = `earshot_${randomBytes(6).toString('hex')}`;
    await promisify(execFile)('createdb', ['-h', '127.0.0.1', '-p', postgresPort(), '-U', 'test', database], { timeout: 30_000 });
    const addresses: string[] = [];
    while (addresses.length < 3) addresses.push(`127.0.0.1:${await freePort()}`);
    const all = new Several(database, addresses);
    all.nginx = start('nginx.sh', `${port}`, ...addresses);
    return all;
  }

  /** The settings that the servers share. */
  settings(): NodeJS.ProcessEnv {
    const { app_id, key, secret } = this.app;
    return {
      DATABASE_URL: `postgres://test@127.0.0.1:${postgresPort()}/${this.database}`,
      PUSHER_APP_ID: app_id, PUSHER_KEY: key, PUSHER_SECRET: secret,
    };
  }

  async discard(): Promise<void> {
    if (this.nginx) await ended(this.nginx);
  }
}

function postgresPort(): string {
  return process.env.EARSHOT_POSTGRES_PORT ?? '';
}
