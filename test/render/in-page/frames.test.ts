import { describe, expect, it } from 'vitest';
import { makeFrames } from '../../../src/render/in-page/frames.ts';
import { keepNatives } from '../../../src/render/in-page/natives.ts';
import { keepPrimordials } from '../../../src/render/in-page/primordials.ts';
import { FakePage } from './fake-page.ts';

function framesOnPage({ isTop = true, onDemand = true } = {}) {
  const page = new FakePage();
  const natives = keepNatives(page.window, keepPrimordials());
  const asked: string[] = [];
  const ask = (painted: boolean) => asked.push(`${page.nowMs}${painted ? ' painted' : ''}`);
  return { page, asked, frames: makeFrames(natives, isTop, onDemand ? ask : undefined) };
}

describe('where frames come on demand', () => {
  it('asks for one when something waits for it, and calls back in it', async () => {
    const { page, frames, asked } = framesOnPage();
    let called = 0;
    frames.request(() => called++, 'now');
    await page.drain();
    expect([asked, called]).toEqual([['0'], 0]);
    await page.frame();
    expect(called).toBe(1);
    await page.pass(1000);
    expect(asked).toEqual(['0']);
  });

  it('does not ask in the midst of a script, which could go on for long while other tabs wait for their turn', async () => {
    const { page, frames, asked } = framesOnPage();
    frames.request(() => {}, 'now');
    frames.request(() => {}, 'now');
    expect(asked).toEqual([]);
    await page.drain();
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
    await page.drain();
    await page.frame();
    await page.pass(5);
    frames.request(() => {}, 'soon');
    await page.drain();
    expect(asked).toEqual(['0']);
    await page.pass(11);
    expect(asked).toEqual(['0', '16']);
  });

  it('has no such patience with what the page is judged by', async () => {
    const { page, frames, asked } = framesOnPage();
    frames.request(() => {}, 'soon');
    await page.drain();
    await page.frame();
    await page.pass(5);
    frames.request(() => {}, 'now');
    await page.drain();
    expect(asked).toEqual(['0', '5']);
  });

  it('lets some flow as long as the page is not done, for what waits for one without a word', async () => {
    const { page, frames, asked } = framesOnPage();
    frames.flow(true);
    await page.pass(120);
    expect(asked).toEqual(['50', '100']);
    frames.flow(false);
    await page.pass(1000);
    expect(asked).toEqual(['50', '100']);
    frames.flow(true);
    await page.pass(60);
    expect(asked).toEqual(['50', '100', '1170']);
  });

  it('leaves that to the main frame, since a frame is one for the whole page', async () => {
    const { page, frames, asked } = framesOnPage({ isTop: false });
    frames.flow(true);
    await page.pass(1000);
    expect(asked).toEqual([]);
  });

  it('has frames drawn only while somebody wants to hear what was painted', async () => {
    const { page, frames, asked } = framesOnPage();
    const heard = frames.paint();
    await page.drain();
    expect(asked).toEqual(['0 painted']);
    heard();
    heard();
    frames.request(() => {}, 'now');
    await page.drain();
    await page.frame();
    frames.paint();
    await page.drain();
    expect(asked).toEqual(['0 painted', '0', '0 painted']);
  });

  it('has one drawn for who asks once', async () => {
    const { page, frames, asked } = framesOnPage();
    frames.paintOnce();
    await page.drain();
    frames.request(() => {}, 'now');
    await page.drain();
    expect(asked).toEqual(['0 painted', '0']);
  });
});

it('asks for nothing where Chromium produces frames by itself', async () => {
  const { page, frames, asked } = framesOnPage({ onDemand: false });
  let called = 0;
  frames.request(() => called++, 'soon');
  frames.paint()();
  frames.paintOnce();
  frames.flow(true);
  await page.frame();
  await page.pass(100);
  expect([asked, called]).toEqual([[], 1]);
});
