import { describe, expect, it } from 'vitest';
import { makeAccount } from '../../../src/render/in-page/account.ts';
import { makeFrames } from '../../../src/render/in-page/frames.ts';
import { keepNatives } from '../../../src/render/in-page/natives.ts';
import { keepPrimordials } from '../../../src/render/in-page/primordials.ts';
import { FakePage } from './fake-page.ts';

function framesOnPage({ isTop = true, onDemand = true } = {}) {
  const page = new FakePage();
  const natives = keepNatives(page.window, keepPrimordials());
  const account = makeAccount(natives);
  const asked: string[] = [];
  const ask = (painted: boolean) => asked.push(`${page.nowMs}${painted ? ' painted' : ''}`);
  return { page, account, asked, frames: makeFrames(natives, account, isTop, onDemand ? ask : undefined) };
}

describe('where frames come on demand', () => {
  it('asks for one when something waits for it, and calls back in it', async () => {
    const { page, frames, asked } = framesOnPage();
    let called = 0;
    frames.request(() => called++, 'now');
    expect([asked, called]).toEqual([['0'], 0]);
    await page.frame();
    expect(called).toBe(1);
    await page.pass(1000);
    expect(asked).toEqual(['0']);
  });

  it('asks again as long as none has come: a document that is just being replaced gets none', async () => {
    const { page, frames, asked } = framesOnPage();
    frames.request(() => {}, 'now');
    await page.pass(40);
    expect(asked).toEqual(['0', '16', '32']);
    await page.frame();
    await page.pass(1000);
    expect(asked).toEqual(['0', '16', '32']);
  });

  it('does not let a loop of frames run faster than a screen would', async () => {
    const { page, frames, asked } = framesOnPage();
    frames.request(() => {}, 'soon');
    await page.frame();
    await page.pass(5);
    frames.request(() => {}, 'soon');
    expect(asked).toEqual(['0']);
    await page.pass(11);
    expect(asked).toEqual(['0', '16']);
  });

  it('has no such patience with what the page is judged by', async () => {
    const { page, frames, asked } = framesOnPage();
    frames.request(() => {}, 'soon');
    await page.frame();
    await page.pass(5);
    frames.request(() => {}, 'now');
    expect(asked).toEqual(['0', '5']);
  });

  it('asks for some while work is under way, which may wait for one without a word', async () => {
    const { page, account, asked } = framesOnPage();
    const end = account.begin('animation', 'fade');
    await page.pass(120);
    expect(asked).toEqual(['50', '100']);
    end();
    await page.pass(1000);
    expect(asked).toEqual(['50', '100']);
  });

  it('leaves that to the main frame, since a frame is one for the whole page', async () => {
    const { page, account, asked } = framesOnPage({ isTop: false });
    account.begin('animation', 'fade');
    await page.pass(1000);
    expect(asked).toEqual([]);
  });

  it('has frames drawn only while somebody wants to hear what was painted', async () => {
    const { page, frames, asked } = framesOnPage();
    const heard = frames.paint();
    expect(asked).toEqual(['0 painted']);
    heard();
    heard();
    frames.request(() => {}, 'now');
    expect(asked).toEqual(['0 painted', '0']);
    await page.frame();
    frames.paint();
    expect(asked).toEqual(['0 painted', '0', '0 painted']);
  });
});

it('asks for nothing where Chromium produces frames by itself', async () => {
  const { page, frames, asked } = framesOnPage({ onDemand: false });
  let called = 0;
  frames.request(() => called++, 'soon');
  frames.paint()();
  await page.frame();
  await page.pass(100);
  expect([asked, called]).toEqual([[], 1]);
});
