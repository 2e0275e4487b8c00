import { isDeepStrictEqual } from 'node:util';
import puppeteer, { type Browser, type Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../src/render/find-chromium.ts';
import { type Answered, answerFrom } from '../fixtures/answer.ts';
import { corpusMissing, corpusNames, holds, type RunningCorpus, startCorpus } from '../fixtures/corpus.ts';
import { type CorpusProxy, startCorpusProxy } from '../fixtures/corpus-proxy.ts';
import { type Seen, seenIn } from './seen.ts';

// Every application of the corpus, through the whole product, twice, and all of them at once; what a reader without scripts sees of
// the answer must be what a person sees of the application in a browser that knows nothing of us.

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

const turnMs = 250;
const window = { width: 1280, height: 4000 };

/**
 * The application itself, once it has stood still for two seconds. Where it then differs from what the reader sees, it gets ten
 * seconds more: a reader's page is one whose notes of a few seconds have gone, since its clock was moved ahead.
 */
async function asAPersonSees(url: string, reader: Seen): Promise<Seen> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  try {
    await page.setViewport(window);
    await page.goto(url, { waitUntil: 'load' });
    let now = await whenStill(page);
    for (let waitedMs = 0; !isDeepStrictEqual(now, reader) && waitedMs < 10_000; waitedMs += turnMs) {
      now = await afterATurn(page);
    }
    return now;
  } finally {
    await context.close();
  }
}

async function whenStill(page: Page): Promise<Seen> {
  let last = await seenIn(page);
  for (let stillMs = 0, waitedMs = 0; stillMs < 2_000 && waitedMs < 15_000; waitedMs += turnMs) {
    const now = await afterATurn(page);
    stillMs = isDeepStrictEqual(now, last) ? stillMs + turnMs : 0;
    last = now;
  }
  return last;
}

async function afterATurn(page: Page): Promise<Seen> {
  await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), turnMs);
  return seenIn(page);
}

/** The answer, parsed at the application's own address by a browser that runs no scripts. */
async function asAReaderSees(name: string, html: Buffer): Promise<Seen> {
  const { url, origin } = known(name);
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
    return underOneName(await seenIn(page), preface.publicUrl(name), origin);
  } finally {
    await context.close();
  }
}

function known(name: string) {
  const found = corpus.cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not served`);
  return { ...found, url: `${corpus.origins[name]}${found.open}`, origin: corpus.origins[name] ?? '' };
}

if (corpusMissing !== undefined) process.stderr.write(`No test on real applications: ${corpusMissing}\n`);

describe.skipIf(corpusMissing !== undefined)('the corpus', () => {
  describe.each(corpusNames())('%s', (name) => {
    it.each(['first', 'second'])('is complete in the %s render', async () => {
      const { open, mustContain, tallViewport = [] } = known(name);
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
      const { open, url } = known(name);
      const reader = await asAReaderSees(name, (await preface.asReader(name, open)).body);
      expect(reader.text.length).toBeGreaterThan(0);
      expect(reader).toEqual(await asAPersonSees(url, reader));
    });

    it('is the same for a person, byte for byte, as without us', async () => {
      const { open, url } = known(name);
      const { body } = await preface.asPerson(name, open);
      expect(body.equals((await answerFrom(url, { accept: 'text/html' })).body)).toBe(true);
    });
  });
});

describe.skipIf(corpusMissing !== undefined).each([4, 8])('the corpus, %i renders at once', (tabs) => {
  // The limit is for a machine with few processors: what is shown is that nothing is missing, not how long it takes.
  /** Of every application, one answer a round: the first finds tabs that know nothing, the second those of other applications. */
  let rounds: ReadonlyMap<string, Answered>[];

  beforeAll(async () => {
    const crowded = await startCorpusProxy(corpus.origins, { tabs, timeout: '60s' });
    try {
      const round = async () => {
        await crowded.purge();
        const answers = corpus.cases.map(async ({ name, open }) => [name, await crowded.asReader(name, open)] as const);
        return new Map(await Promise.all(answers));
      };
      rounds = [await round(), await round()];
    } finally {
      await crowded.close();
    }
  });

  it.each(corpusNames())('%s: a reader is shown what a person sees', async (name) => {
    for (const answer of rounds.map((round) => round.get(name))) {
      expect(answer).toMatchObject({ status: 200, headers: { 'x-preface': 'page; reader=search; bot=Googlebot' } });
      const reader = await asAReaderSees(name, answer?.body ?? Buffer.alloc(0));
      expect(reader.text.length).toBeGreaterThan(0);
      expect(reader).toEqual(await asAPersonSees(known(name).url, reader));
    }
  });
});

/** A page that writes its own address down does so under its public one. */
function underOneName({ text, links }: Seen, publicUrl: string, origin: string): Seen {
  return {
    text: text.map((line) => line.replaceAll(publicUrl, origin)),
    links: links.map((link) => link.replaceAll(publicUrl, origin)).sort(),
  };
}
