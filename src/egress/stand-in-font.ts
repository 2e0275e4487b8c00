/**
 * A font without a single glyph (OpenType 1.9): it loads, as pages wait for, and all text falls back to the next font of its list.
 * Its lines are as high as those of most fonts.
 */
export function emptyFont(): Buffer {
  const tables = [
    ['OS/2', os2()],
    ['cmap', words(0, 1, 3, 1, 0, 12, 4, 24, 0, 2, 2, 0, 0, 0xffff, 0, 0xffff, 1, 0)],
    ['glyf', Buffer.alloc(4)],
    ['head', head()],
    ['hhea', words(1, 0, ascent, -descent, 0, width, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1)],
    ['hmtx', words(width, 0)],
    ['loca', words(0, 0)],
    ['maxp', words(1, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['name', words(0, 0, 6)],
    ['post', words(3, ...zeros(15))],
  ] as const;

  const directory = [words(1, 0, tables.length, 128, 3, tables.length * 16 - 128)];
  const bodies: Buffer[] = [];
  let offset = 12 + 16 * tables.length;
  for (const [tag, body] of tables) {
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    const entry = Buffer.alloc(16);
    entry.write(tag, 'latin1');
    entry.writeUInt32BE(checksum(padded), 4);
    entry.writeUInt32BE(offset, 8);
    entry.writeUInt32BE(body.length, 12);
    directory.push(entry);
    bodies.push(padded);
    offset += padded.length;
  }
  return Buffer.concat([...directory, ...bodies]);
}

const [unitsPerEm, ascent, descent, width] = [1000, 930, 240, 500];

function head(): Buffer {
  const magic = [0x5f0f, 0x3cf5];
  const [created, modified, box] = [zeros(4), zeros(4), zeros(4)];
  return words(1, 0, 1, 0, 0, 0, ...magic, 0b1011, unitsPerEm, ...created, ...modified, ...box, 0, 8, 2, 0, 0);
}

/** Version 3. */
function os2(): Buffer {
  const [regular, normalWidth, useRegular] = [400, 5, 0x40];
  const [scripts, family, panose, ranges, vendor] = [zeros(10), [0], zeros(5), zeros(8), zeros(2)];
  return words(
    ...[3, width, regular, normalWidth, 0, ...scripts, ...family, ...panose, ...ranges, ...vendor, useRegular],
    ...[0xffff, 0xffff, ascent, -descent, 0, ascent, descent, ...zeros(4), 500, 700, 0, 32, 0],
  );
}

const zeros = (count: number): number[] => Array<number>(count).fill(0);

/** 16 bits each. */
function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, 2 * at);
  return bytes;
}

function checksum(table: Buffer): number {
  let sum = 0;
  for (let at = 0; at < table.length; at += 4) sum = (sum + table.readUInt32BE(at)) >>> 0;
  return sum;
}
