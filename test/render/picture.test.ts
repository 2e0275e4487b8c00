import type { CDPSession } from 'puppeteer';
import { expect, it } from 'vitest';
import { takePicture } from '../../src/render/picture.ts';

const frame = {
  device: 'desktop',
  metrics: { width: 1280, height: 4000, deviceScaleFactor: 1, mobile: false, screenWidth: 1920, screenHeight: 1080 },
  height: undefined,
} as const;

/** A session that answers with these results, and writes down what it was sent. */
function sessionWith(results: Readonly<Record<string, () => object>>) {
  const sent: string[] = [];
  const send = async (method: string) => {
    sent.push(method);
    return results[method]?.() ?? {};
  };
  return { sent, session: { send } as unknown as CDPSession };
}

const megabytes = (count: number) => Buffer.alloc(count * 1024 * 1024).toString('base64');

it('is not kept in memory when it is larger than anybody could want', async () => {
  const { session } = sessionWith({ 'Page.captureScreenshot': () => ({ data: megabytes(33) }) });
  const taken = takePicture(session, { format: 'png', wholePage: false }, frame);
  await expect(taken).rejects.toMatchObject({ code: 'too-large' });
});

it('is read no further than that where it is a PDF, and Chromium is told so', async () => {
  const { session, sent } = sessionWith({
    'Page.printToPDF': () => ({ stream: 'handle' }),
    'IO.read': () => ({ data: megabytes(1), base64Encoded: true, eof: false }),
  });
  const taken = takePicture(session, { format: 'pdf', wholePage: false }, frame);
  await expect(taken).rejects.toMatchObject({ code: 'too-large' });
  expect(sent).toEqual(['Page.printToPDF', ...Array(33).fill('IO.read'), 'IO.close']);
});
