import { EventEmitter } from 'node:events';
import type { BrowserContext, CDPSession, Target } from 'puppeteer';
import { expect, it } from 'vitest';
import { companionsOf } from '../../src/render/companions.ts';

const targetAt = (type: string, url: string) => ({ type: () => type, url: () => url }) as unknown as Target;

it("takes the browser's own pages for nobody's companions, which kept every tab of full Chromium from being wiped", async () => {
  const page = targetAt('page', 'about:blank');
  const suggestions = targetAt('other', 'chrome://omnibox-popup.top-chrome/');
  const worker = targetAt('shared_worker', 'https://shop.example/worker.js');
  const targets = [page, suggestions, worker];
  const context = Object.assign(new EventEmitter(), { targets: () => targets });
  const companions = companionsOf(page, context as unknown as BrowserContext, {} as CDPSession);

  expect(companions.present).toBe(true);
  const gone = companions.gone();
  targets.pop();
  context.emit('targetdestroyed', worker);
  await gone;
  expect(companions.present).toBe(false);
});
