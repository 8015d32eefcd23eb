// What every page is held to, in each of its looks: nothing scrolls sideways, everybody can use it, and a picture is kept.
import { AxeBuilder } from '@axe-core/playwright';
import { expect } from '@playwright/test';
import type { Visitor } from './visitor.ts';

const widths = { wide: { width: 1280, height: 800 }, narrow: { width: 360, height: 740 } };

/** Every look: what a browser has to be told for it, and its name. */
export const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  Object.entries(widths).map(([size, viewport]) => ({ look: { colorScheme, viewport }, as: `${size} and ${colorScheme}` })));

/** Looks at the page as it is now. `name` and `as` make the name of its picture. */
export async function inspect(visitor: Visitor, name: string, as: string): Promise<void> {
  const { page } = visitor;
  await page.screenshot({ path: `test-results/screens/${fileName(`${name} ${as.replace(' and', '')}`)}.png` });
  await expectNoSidewaysScrolling(visitor);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id} (${help}): ${html}`));
  expect(found, `axe-core, at ${page.url()}`).toEqual([]);
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
