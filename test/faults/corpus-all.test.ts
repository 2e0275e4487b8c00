import puppeteer, { type Browser, type Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../src/render/find-chromium.ts';
import { corpusMissing, corpusNames, holds, type RunningCorpus, startCorpus } from '../fixtures/corpus.ts';
import { answerFrom, type CorpusProxy, startCorpusProxy } from '../fixtures/corpus-proxy.ts';
import { type Seen, seenIn } from './seen.ts';

// Every application of the corpus, through the whole product, twice; what a reader without scripts sees of the answer must be what a
// person sees of the application in a browser that knows nothing of us.

let corpus: RunningCorpus;
let preface: CorpusProxy;
let browser: Browser;

beforeAll(async () => {
  if (corpusMissing !== undefined) return;
  corpus = await startCorpus();
  preface = await startCorpusProxy(corpus.origins);
  const chromium = await findChromium({ env: process.env });
  if (chromium === undefined) throw new Error('no Chromium was found');
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await puppeteer.launch({ executablePath: chromium.path, headless: 'shell', args });
});

afterAll(async () => {
  await browser?.close();
  await preface?.close();
  corpus?.close();
});

const window = { width: 1280, height: 4000 };

/** The application itself, once its text has stood still for a while. */
async function asAPersonSees(url: string): Promise<Seen> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  try {
    await page.setViewport(window);
    await page.goto(url, { waitUntil: 'load' });
    return await whenStill(page);
  } finally {
    await context.close();
  }
}

async function whenStill(page: Page): Promise<Seen> {
  let last = await seenIn(page);
  for (let still = 0, turns = 0; still < 8 && turns < 60; turns++) {
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 250)));
    const now = await seenIn(page);
    still = JSON.stringify(now) === JSON.stringify(last) ? still + 1 : 0;
    last = now;
  }
  return last;
}

/** The answer, parsed at the application's own address by a browser that runs no scripts. */
async function asAReaderSees(url: string, html: Buffer): Promise<Seen> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  try {
    await page.setViewport(window);
    await page.setJavaScriptEnabled(false);
    await page.setRequestInterception(true);
    page.on('request', (request) => {
      const answer = { contentType: 'text/html; charset=utf-8', body: html };
      void (request.isNavigationRequest() && request.url() === url ? request.respond(answer) : request.continue());
    });
    await page.goto(url, { waitUntil: 'load' });
    return await seenIn(page);
  } finally {
    await context.close();
  }
}

describe.skipIf(corpusMissing !== undefined)(`the corpus${corpusMissing ? ` (skipped: ${corpusMissing})` : ''}`, () => {
  describe.each(corpusNames())('%s', (name) => {
    const known = () => {
      const found = corpus.cases.find((one) => one.name === name);
      if (found === undefined) throw new Error(`${name} is not served`);
      return { ...found, url: `${corpus.origins[name]}${found.open}`, origin: corpus.origins[name] ?? '' };
    };

    it.each(['first', 'second'])('is complete in the %s render', async () => {
      const { open, mustContain, tallViewport = [] } = known();
      await preface.purge();
      const { status, headers, body } = await preface.asReader(name, open);
      const html = body.toString();
      expect({ status, answered: headers['x-preface'] }).toEqual({
        status: 200,
        answered: 'page; reader=search; bot=Googlebot',
      });
      expect([...mustContain, ...tallViewport].filter((text) => !holds(html, text))).toEqual([]);
    });

    it('shows a reader what a person sees: the same text, the same links', async () => {
      const { open, url, origin } = known();
      const { body } = await preface.asReader(name, open);
      const reader = await asAReaderSees(url, body);
      const person = await asAPersonSees(url);
      expect(underOneName(reader, preface.publicUrl(name), origin)).toEqual(person);
    });

    it('is the same for a person, byte for byte, as without us', async () => {
      const { open, url } = known();
      const { body } = await preface.asPerson(name, open);
      expect(body.equals((await answerFrom(url, { accept: 'text/html' })).body)).toBe(true);
    });
  });
});

/** A page that writes its own address down does so under its public one. */
function underOneName({ text, links }: Seen, publicUrl: string, origin: string): Seen {
  return {
    text: text.map((line) => line.replaceAll(publicUrl, origin)),
    links: links.map((link) => link.replaceAll(publicUrl, origin)).sort(),
  };
}
