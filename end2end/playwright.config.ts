// How the browser tests run: the machine's own Chromium when there is one, and a server and a database for each worker.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { several } from './support/several.ts';

// The first one that is installed: without windows it takes a third less of the processor.
const chromium = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));
const quiet = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

export default defineConfig({
  testDir: 'tests',
  globalSetup: several ? './support/several.ts' : undefined,
  fullyParallel: true,
  // One more than there are cores: each waits now and then, for a timeout or a file.
  workers: availableParallelism() + 1,
  forbidOnly: !!process.env.CI,
  // In CI a test gets a second try; one that needed it is named under "flaky" at the end.
  retries: process.env.CI ? 1 : 0,
  // Bounds for what hangs: a slow machine stays far below them.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    // Whatever is waited for is named when it does not come.
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    launchOptions: chromium ? { executablePath: chromium, args: quiet } : {},
    // A trace makes a test a third slower: CI records the second try, and `--trace on` records whatever is looked into.
    trace: process.env.CI ? 'on-first-retry' : 'off',
  },
});
