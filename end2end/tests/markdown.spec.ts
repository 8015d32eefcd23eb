// Markdown is shown as it was meant, and whatever markup somebody stores does nothing.
import { expect, test, unique } from '../support/test.ts';

test('Markdown is shown as it was meant, to its author and to others', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Markdown'));
  await ada.enter(room);
  await bob.enter(room);
  await ada.composer.fill('**bold** and `code`\n\n- one\n- two\n\n```rust\nlet x = "a very long line of code";\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |');
  await ada.composer.press('Enter');
  for (const side of [ada, bob]) {
    const message = side.message('bold');
    await expect(message).toHaveAttribute('id', /^message-\d+$/);
    await expect(message.locator('strong')).toHaveText('bold');
    await expect(message.getByRole('listitem')).toHaveText(['one', 'two']);
    await expect(message.locator('pre > code.language-rust')).toContainText('let x =');
    await expect(message.locator('pre')).toHaveAttribute('tabindex', '0');
    await expect(message.getByRole('cell')).toHaveText(['1', '2']);
  }
});

test('stored markup is inert: nothing runs, nothing loads, nothing leads astray', async ({ as }) => {
  const [ada, bob] = [await as('ada'), await as('bob')];
  const room = await ada.makeRoom(unique('Attack'));
  await bob.enter(room);
  const asked: string[] = [];
  bob.page.on('request', (request) => asked.push(request.url()));
  const attacks = [
    '<script>window.broken=1</script>',
    '</script><script>window.broken=1</script>',
    '<img src=https://evil.example/x onerror="window.broken=1">',
    '<svg onload="window.broken=1"><image href="https://evil.example/y"/></svg>',
    '[one](javascript:window.broken=1)',
    '[two](JaVaScRiPt&#58;window.broken=1)',
    '[three](data:text/html,<script>parent.broken=1</script>)',
    '![four](https://evil.example/z.png)',
    'https://evil.example/"onmouseover="window.broken=1',
    '<iframe src="https://evil.example/"></iframe>',
    '<style>@import "https://evil.example/s.css"; * { display: none }</style>',
    '<form action="/api/people/sign_out" method="post"><button>five</button></form>',
    '```"onclick="window.broken=1\n</code></pre><img src=x onerror="window.broken=1">\n```',
    '| <img src=x onerror="window.broken=1"> |\n|---|\n| [six](vbscript:x) |',
    '<a href="javascript:window.broken=1" autofocus onfocus="window.broken=1">seven</a>',
  ];
  for (const attack of attacks) {
    const id = await ada.post(room, attack);
    await ada.call('messages/post', { room, body: `> ${attack}`, client_id: unique('quote'), reply_to: id });
  }
  await ada.post(room, 'the last word');
  const look = async () => {
    await expect(bob.message('the last word')).toHaveCount(1);
    const bodies = bob.messages.locator('.body, .quote');
    await expect(bodies.locator('script, img, svg, iframe, style, form, button, input')).toHaveCount(0);
    const links = await bodies.getByRole('link').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(links.filter((href) => !/^(https?:|mailto:)/.test(href))).toEqual([]);
    const handlers = await bodies.locator('*').evaluateAll((all) =>
      all.flatMap((element) => element.getAttributeNames()).filter((name) => name.startsWith('on') || name === 'style'));
    expect(handlers).toEqual([]);
    for (const link of await bodies.getByRole('link').all()) await link.hover();
    expect(await bob.page.evaluate(() => 'broken' in window)).toBe(false);
    expect(asked.filter((url) => url.includes('evil.example'))).toEqual([]);
  };
  await look();
  await bob.page.reload();
  await bob.wire.hears(`private-Room.${room}`);
  await look();
});
