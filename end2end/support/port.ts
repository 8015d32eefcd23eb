// Ports to listen on.
import { createServer } from 'node:net';

/** Below those that outgoing connections take, so that a port is still free when it is used, or when a stopped server starts again. */
const FIRST = 20_000;
/** Each worker has ports of its own, and takes them in turn: none is given out twice. */
const OF_A_WORKER = 1_000;
const TRIES = 100;

const first = FIRST + OF_A_WORKER * (Number(process.env.TEST_PARALLEL_INDEX ?? 0) % 12);
let turn = Math.floor(Math.random() * OF_A_WORKER);

export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    turn += 1;
    const port = first + (turn % OF_A_WORKER);
    if (await isFree(port)) return port;
  }
  throw new Error(`of ${TRIES} ports from ${first} on none is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)));
  });
}
