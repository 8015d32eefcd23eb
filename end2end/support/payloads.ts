// Files to attach, and where they wait to be sent.
import { writeFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';
import { test } from '@playwright/test';
import type { Visitor } from './visitor.ts';

export type Payload = { name: string; mimeType: string; buffer: Buffer };

export const text = (name: string, content = 'some text'): Payload =>
  ({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });
export const picture = (name: string, width: number, height: number): Payload =>
  ({ name, mimeType: 'image/png', buffer: png(width, height) });

/** A large file on the disk, from where a browser takes it: handing it over takes long. Returns its path. */
export async function large(name: string, bytes: number): Promise<string> {
  const path = test.info().outputPath(name);
  await writeFile(path, Buffer.alloc(bytes, 'x'));
  return path;
}

export const tray = ({ page }: Visitor) => page.getByRole('list', { name: 'Files to be sent' }).getByRole('listitem');

export async function choose({ page }: Visitor, files: Payload[] | string[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach files' }).click();
  await (await chooser).setFiles(files);
}

/** A PNG: an evening sky above the sea. */
function png(width: number, height: number): Buffer {
  const rows = Array.from({ length: height }, (_, y) => {
    const down = y / height;
    const colour = down < 0.7 ? [90 + 150 * down, 110 + 70 * down, 160 - 40 * down] : [40, 70 + 40 * down, 110];
    return Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from(colour))]);
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  let crc = ~0;
  for (const byte of body) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(~crc >>> 0, 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}
