import { disableTypes, imageSize } from 'image-size';

/** In pixels, at least one and no more than a GIF can have. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

// What browsers do not show is no picture; SVG is measured as they do.
disableTypes(['dds', 'icns', 'j2c', 'jp2', 'jxl', 'jxl-stream', 'ktx', 'pnm', 'psd', 'svg', 'tga', 'tiff']);

/** The natural size of a picture by the bytes that it begins with, as far as they tell it. */
export function pictureSize(begin: Buffer, contentType: string): PictureSize | undefined {
  if (contentType.startsWith('image/svg')) return svgSize(begin.toString('latin1'));
  try {
    // A copy of its own: behind a buffer's end there may be another's bytes, which would be read as well.
    const { width, height, orientation } = imageSize(new Uint8Array(begin));
    // Exif tells of half of its orientations that the picture lies on its side.
    return orientation !== undefined && orientation >= 5 ? sized(height, width) : sized(width, height);
  } catch {
    return undefined;
  }
}

/** Whether a browser would take it for a picture, whatever it is called (MIME Sniffing §6.1). */
export const beginsLikePicture = (begin: Buffer): boolean =>
  /^(?:\xff\xd8\xff|\x89PNG|GIF8|BM|RIFF.{4}WEBP|.{4}ftypavi)/s.test(begin.toString('latin1', 0, 12));

/** What a replaced element is given that has no size of its own (CSS Images 3 §5.2). */
const usual = { width: 300, height: 150 };

/** Lengths in pixels count, else the shape fits into the usual size. */
function svgSize(text: string): PictureSize | undefined {
  const root = /<svg(?:\s[^>]{0,2000})?>/.exec(text)?.[0];
  if (root === undefined) return undefined;
  const [width, height] = [pixels(root, 'width'), pixels(root, 'height')];
  if (width !== undefined && height !== undefined) return sized(width, height);
  const [, , boxWidth = 0, boxHeight = 0] = (attribute(root, 'viewBox') ?? '')
    .trim()
    .split(/[\s,]+/, 4)
    .map(Number);
  if (!(boxWidth > 0 && boxHeight > 0)) return sized(width ?? usual.width, height ?? usual.height);
  const ratio = boxWidth / boxHeight;
  if (width !== undefined) return sized(width, width / ratio);
  if (height !== undefined) return sized(height * ratio, height);
  return ratio > usual.width / usual.height
    ? sized(usual.width, usual.width / ratio)
    : sized(usual.height * ratio, usual.height);
}

function pixels(root: string, name: string): number | undefined {
  const length = /^\s*(\d{1,6}(?:\.\d{1,6})?)(?:px)?\s*$/.exec(attribute(root, name) ?? '')?.[1];
  return length === undefined ? undefined : Number(length);
}

function attribute(root: string, name: string): string | undefined {
  return new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`)
    .exec(root)
    ?.slice(1)
    .find((value) => value !== undefined);
}

function sized(width: number, height: number): PictureSize | undefined {
  if (!Number.isFinite(width) || !Number.isFinite(height)) return undefined;
  return { width: withinGif(width), height: withinGif(height) };
}

const withinGif = (length: number) => Math.max(1, Math.min(65_535, Math.round(length)));
