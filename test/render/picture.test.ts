import type { CDPSession } from 'puppeteer';
import { expect, it } from 'vitest';
import { takePicture } from '../../src/render/picture.ts';

const frame = {
  device: 'desktop',
  metrics: { width: 1280, height: 4000, deviceScaleFactor: 1, mobile: false, screenWidth: 1920, screenHeight: 1080 },
  height: undefined,
} as const;

const { signal } = new AbortController();

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
  const taken = takePicture(session, { format: 'png', wholePage: false }, frame, signal);
  await expect(taken).rejects.toMatchObject({ code: 'too-large' });
});

it('is read no further than that where it is a PDF, and Chromium is told so', async () => {
  const { session, sent } = sessionWith({
    'Page.printToPDF': () => ({ stream: 'handle' }),
    'IO.read': () => ({ data: megabytes(1), base64Encoded: true, eof: false }),
  });
  const taken = takePicture(session, { format: 'pdf', wholePage: false }, frame, signal);
  await expect(taken).rejects.toMatchObject({ code: 'too-large' });
  expect(sent).toEqual(['Page.printToPDF', ...Array(33).fill('IO.read'), 'IO.close']);
});

it.each([
  ['png', 'Emulation.setDeviceMetricsOverride', ['Emulation.setDeviceMetricsOverride']],
  ['png', 'Page.getLayoutMetrics', ['Emulation.setDeviceMetricsOverride', 'Page.getLayoutMetrics']],
  ['pdf', 'Page.printToPDF', ['Page.printToPDF', 'IO.close']],
  ['pdf', 'IO.read', ['Page.printToPDF', 'IO.read', 'IO.close']],
] as const)(
  'in the form of %s is gone on with no further once it is given up during %s',
  async (format, during, all) => {
    const leaver = new AbortController();
    const results: Readonly<Record<string, object>> = {
      'Page.getLayoutMetrics': {
        cssContentSize: { height: 900 },
        cssVisualViewport: { clientWidth: 1280, clientHeight: 900 },
      },
      'Page.captureScreenshot': { data: '' },
      'Page.printToPDF': { stream: 'handle' },
      'IO.read': { data: '', eof: false },
    };
    const answer = (method: string) => () => {
      if (method === during) leaver.abort(new Error('gone'));
      return results[method] ?? {};
    };
    const methods = [...Object.keys(results), 'Emulation.setDeviceMetricsOverride'];
    const { session, sent } = sessionWith(Object.fromEntries(methods.map((method) => [method, answer(method)])));
    await expect(takePicture(session, { format, wholePage: true }, frame, leaver.signal)).rejects.toThrow('gone');
    expect(sent).toEqual(all);
  },
);
