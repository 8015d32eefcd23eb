// The cable between a browser and a server, which a test can pull.
import { type Socket, connect, createServer } from 'node:net';

export class Cable {
  private readonly ends = new Set<Socket>();
  private pulled = false;

  private constructor(readonly url: string, private readonly close: () => void, private readonly beside?: Cable) {}

  /** `beside`: another cable, which is pulled and plugged in together with this one. */
  static async to(port: number, beside?: Cable): Promise<Cable> {
    const here = createServer({ noDelay: true }, (near) => {
      if (cable.pulled) return near.destroy();
      const far = connect({ port, host: '127.0.0.1', noDelay: true });
      near.pipe(far).pipe(near);
      for (const [end, other] of [[near, far], [far, near]] as const) {
        cable.ends.add(end);
        end.on('error', () => {});
        end.on('close', () => { cable.ends.delete(end); other.destroy(); });
      }
    });
    await new Promise<void>((listening) => here.listen(0, '127.0.0.1', listening));
    const address = here.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const cable = new Cable(`http://127.0.0.1:${address.port}`, () => here.close(), beside);
    return cable;
  }

  pull(): void {
    this.pulled = true;
    this.ends.forEach((end) => end.resetAndDestroy());
    this.beside?.pull();
  }

  plugIn(): void {
    this.pulled = false;
    this.beside?.plugIn();
  }

  discard(): void {
    this.pull();
    this.beside?.plugIn();
    this.close();
  }
}
