/** Endings of files that are never pages. Anything else that has a dot is taken for a page (`/v1.2`, `/jane.doe`). */
const assetEndings = new Set(
  `
  avif bmp cur gif heic ico jfif jpeg jpg jxl png svg svgz tif tiff webp
  css less map scss
  cjs js jsx mjs ts tsx wasm
  eot otf ttf woff woff2
  3gp aac avi flac flv m3u8 m4a m4v mid midi mkv mov mp3 mp4 mpd mpeg mpg oga ogg ogv opus wav weba webm wma wmv
  atom csv geojson ics json json5 jsonld manifest md ndjson rss tsv txt vcf webmanifest xml xsl yaml yml
  doc docx epub mobi odp ods odt pdf ppt pptx ps rtf xls xlsx
  7z apk br bz2 dmg exe gz iso jar msi pkg rar tar tgz torrent xz zip zst
  bak bin dat db log sql sqlite swf
  `
    .trim()
    .split(/\s+/),
);

/** Whether a normalised path means a file that belongs to the origin alone. */
export function isAssetPath(path: string): boolean {
  // Proofs and declarations for machines (RFC 8615): nobody's page, and a rendered one would break a certificate's renewal.
  if (path.startsWith('/.well-known/')) return true;
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') && assetEndings.has(path.slice(dot + 1).toLowerCase());
}
