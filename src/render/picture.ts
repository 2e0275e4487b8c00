import type { CDPSession } from 'puppeteer';
import { RenderError } from '../errors.ts';
import type { Device } from '../page/page-target.ts';
import type { PictureWish } from '../page/variant.ts';
import type { Metrics } from './device.ts';
import type { TabFrames } from './tab-frames.ts';

/** A whole page is cut there: what is below would cost more memory than it is worth. */
export const maxPictureHeight = 16_384;
/** A wide one is cut earlier: uncompressed this is 100 MB. */
const maxPicturePixels = 1536 * maxPictureHeight;
const maxPictureBytes = 32 * 1024 * 1024;
const maxPdfPages = 200;

/** What a picture shows where no height was asked for: about what a reader sees first. */
const firstScreen: Readonly<Record<Device, number>> = { desktop: 900, mobile: 915 };

export interface PictureFrame {
  readonly device: Device;
  /** As the page was rendered. */
  readonly metrics: Metrics;
  /** The height that was asked for. */
  readonly height: number | undefined;
}

/**
 * A picture of the page as it stands there. Has one pixel for each CSS pixel, whatever the device. Changes the tab's window: the page is not to be used any more
 * afterwards. Throws a `RenderError` (`too-large`) for one that nobody could want to keep in memory. Begins no command any more once the signal is
 * aborted; one that is under way goes on in the tab, and Chromium changes the window for it and back.
 */
export async function takePicture(
  session: CDPSession,
  wish: PictureWish,
  frame: PictureFrame,
  signal: AbortSignal,
  frames?: TabFrames,
): Promise<Uint8Array> {
  signal.throwIfAborted();
  if (wish.format === 'pdf') return printed(session, signal);
  const photo = photographed(session, wish.format, wish.wholePage, frame, signal);
  return frames === undefined ? photo : frames.during(photo);
}

async function photographed(
  session: CDPSession,
  format: 'png' | 'jpeg',
  wholePage: boolean,
  { device, metrics, height = firstScreen[device] }: PictureFrame,
  signal: AbortSignal,
): Promise<Uint8Array> {
  // Pages are rendered in a tall window, so that what comes on sight is there; a picture is to show what is as high as the window in an ordinary one.
  await session.send('Emulation.setDeviceMetricsOverride', { ...metrics, height, deviceScaleFactor: 1 });
  signal.throwIfAborted();
  const clip = wholePage ? await wholeOf(session, metrics.width) : undefined;
  signal.throwIfAborted();
  const { data } = await session.send('Page.captureScreenshot', {
    format,
    ...(format === 'jpeg' && { quality: 85 }),
    ...(clip && { clip, captureBeyondViewport: true }),
  });
  const bytes = Buffer.from(data, 'base64');
  if (bytes.byteLength > maxPictureBytes) throw tooLarge();
  return bytes;
}

/** A page that was not made for telephones is wider than its window there, and shown smaller. */
async function wholeOf(session: CDPSession, width: number) {
  const { cssContentSize, cssVisualViewport } = await session.send('Page.getLayoutMetrics');
  const shown = cssVisualViewport.clientWidth;
  const scale = width / shown;
  const most = Math.min(maxPictureHeight, Math.floor(maxPicturePixels / width));
  const height = Math.min(Math.max(cssContentSize.height, cssVisualViewport.clientHeight), most / scale);
  return { x: 0, y: 0, width: shown, height, scale };
}

/** Comes in pieces, so that one that is too large is never here as a whole. */
async function printed(session: CDPSession, signal: AbortSignal): Promise<Uint8Array> {
  const { stream: handle } = await session.send('Page.printToPDF', {
    printBackground: true,
    preferCSSPageSize: true,
    // A4; pages that name a size of their own (`@page`) have that.
    paperWidth: 8.27,
    paperHeight: 11.69,
    pageRanges: `1-${maxPdfPages}`,
    transferMode: 'ReturnAsStream',
  });
  if (handle === undefined) throw new RenderError('crash', 'Chromium gave no PDF');
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for (let eof = false; !eof; ) {
      signal.throwIfAborted();
      const piece = await session.send('IO.read', { handle, size: 1024 * 1024 });
      eof = piece.eof;
      pieces.push(Buffer.from(piece.data, piece.base64Encoded === true ? 'base64' : 'utf8'));
      bytes += pieces.at(-1)?.byteLength ?? 0;
      if (bytes > maxPictureBytes) throw tooLarge();
    }
  } finally {
    await session.send('IO.close', { handle });
  }
  return Buffer.concat(pieces);
}

const tooLarge = () => new RenderError('too-large', `the picture has more than ${maxPictureBytes} bytes`);
