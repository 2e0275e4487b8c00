/**
 * Draws the pictures that link previews show (demo/public/cards), from the drawings of the built shop itself. They are kept in
 * the repository, since social networks take no SVG and a build should need no browser. Run it after a drawing has changed:
 *
 *   npx vite build demo && PUPPETEER_EXECUTABLE_PATH=… node demo/draw-cards.ts && npx vite build demo
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launch, type Page } from 'puppeteer';
import { findProduct, listProducts } from './catalogue.ts';
import { withPalette } from './palette-png.ts';
import { startDemo } from './server.ts';

const cards = join(import.meta.dirname, 'public', 'cards');
const size = { width: 1200, height: 630 };

const style = `
  body { position: relative; width: 1200px; height: 630px; margin: 0; overflow: hidden; background: #0d1b26; color: #f3ecdc; }
  svg { position: absolute; top: 0; right: 0; width: 630px; height: 630px; }
  svg.shore { width: 1200px; height: 534px; }
  h1 { position: absolute; top: 168px; left: 64px; width: 470px; margin: 0; }
  h1, .shop, .price { font: 500 64px/1.1 'P052', Palatino, Georgia, 'DejaVu Serif Condensed', serif; letter-spacing: -0.01em; }
  p { position: absolute; left: 64px; margin: 0; font: 27px/1.4 system-ui, sans-serif; color: #a9b7b8; }
  .shop { top: 64px; font-size: 34px; color: #ffd28a; }
  .tagline { top: 396px; width: 440px; }
  .price { bottom: 60px; font-size: 44px; color: #f3ecdc; }
  .house { bottom: 92px; top: auto; font-size: 60px; color: #f3ecdc; white-space: nowrap; }
  .house + p { bottom: 40px; }
`;

/** The outer HTML of the first drawing that matches, without styles of the page. */
async function drawingOf(page: Page, url: string, selector: string): Promise<string> {
  await page.goto(url);
  await page.waitForSelector(selector);
  return page.$eval(selector, (element) => element.outerHTML);
}

async function saveCard(page: Page, name: string, body: string): Promise<void> {
  await page.setContent(`<!doctype html><style>${style}</style>${body}`);
  await writeFile(join(cards, `${name}.png`), withPalette(await page.screenshot({ type: 'png' })));
}

async function drawAll(page: Page, url: string): Promise<void> {
  const shore = await drawingOf(page, `${url}/`, 'svg.shore');
  const words = '<p class="shop house">Nightjar</p><p>Lanterns made by hand, one at a time</p>';
  await saveCard(page, 'nightjar', shore + words);
  for (const { id } of listProducts()) {
    const product = findProduct(id);
    if (product === undefined) continue;
    const picture = await drawingOf(page, `${url}/lanterns/${id}`, 'svg.picture');
    const price = `<p class="price">€${product.priceCents / 100}</p>`;
    const text = `<p class="shop">Nightjar</p><h1>${product.name}</h1><p class="tagline">${product.tagline}</p>${price}`;
    await saveCard(page, id, picture + text);
  }
}

const demo = await startDemo();
// Chromium's sandbox cannot be used by root; this opens nothing but our own pages.
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await launch({ headless: 'shell', args: sandbox, defaultViewport: size });
try {
  await drawAll(await browser.newPage(), demo.url);
} finally {
  await browser.close();
  await demo.close();
}
