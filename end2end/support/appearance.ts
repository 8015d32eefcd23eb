// What every page is held to, in every look: nothing scrolls sideways, everybody can use it, and a picture is kept.
import { expect } from '@playwright/test';
import axe from 'axe-core';
import type { Visitor } from './visitor.ts';

/** What every page is looked at in. */
export const widths = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } };

/** Looks at the page as it is now, light and dark. `name` and `width` make the names of its pictures. */
export async function inspect(visitor: Visitor, name: string, width: string): Promise<void> {
  await expectNoSidewaysScrolling(visitor);
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = visitor;
    await page.emulateMedia({ colorScheme });
    await page.evaluate(stillness);
    await page.screenshot({ path: `test-results/screens/${fileName(`${name} ${width} ${colorScheme}`)}.png` });
    await expectNothingAgainst(visitor, colorScheme);
  }
}

/** What axe-core finds. */
async function expectNothingAgainst({ page }: Visitor, colorScheme: string): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  // Naming what is well in order would take most of the time.
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] });
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id} (${help}): ${html}`));
  });
  expect(found, `axe-core, at ${page.url()}, ${colorScheme}`).toEqual([]);
}

/** In the page: waits until nothing fades or moves, but for what never ends. */
async function stillness(): Promise<void> {
  const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
  await Promise.allSettled(ending.map((one) => one.finished));
}

/** The document, and every box but those that a keyboard can scroll, too. */
export async function expectNoSidewaysScrolling({ page }: Visitor): Promise<void> {
  const wide = await page.evaluate(() => [...document.querySelectorAll('*')]
    .filter((box) => box === document.scrollingElement || ['auto', 'scroll'].includes(getComputedStyle(box).overflowX))
    .filter((box) => !box.matches('[tabindex="0"]'))
    .filter((box) => box.scrollWidth > box.clientWidth)
    .map((box) => `${box.tagName.toLowerCase()}.${box.className}: ${box.scrollWidth} > ${box.clientWidth}`));
  expect(wide, `scrolls sideways at ${page.url()}`).toEqual([]);
}

function fileName(path: string): string {
  return path.replaceAll(/\W+/g, ' ').trim().replaceAll(' ', '-');
}
