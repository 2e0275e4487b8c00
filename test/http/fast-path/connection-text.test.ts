import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { readPlainly, readText } from '../../../src/http/fast-path/connection-text.ts';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** A connection whose accepted side is read as text. */
async function connection(read: typeof readText) {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  const texts: string[] = [];
  let socket: Socket | undefined;
  let stop = () => {};
  let onText = (text: string): void => {
    texts.push(text);
  };
  server.once('connection', (accepted: Socket) => {
    socket = accepted;
    stop = read(accepted, (text) => onText(text));
  });
  await Promise.all([once(server, 'connection'), once(client, 'connect')]);
  if (socket === undefined) throw new Error('no connection came');
  return {
    client,
    socket,
    texts,
    stop,
    told(listener: (text: string) => void) {
      onText = listener;
    },
    [Symbol.dispose]() {
      client.destroy();
      socket?.destroy();
      server.close();
    },
  };
}

const ways = [
  ['into the common buffer', readText],
  ['as data events', readPlainly],
] as const;

it.each(ways)('gives what comes, a character for each byte, and then its end: %s', async (_way, read) => {
  using made = await connection(read);
  const ended = once(made.socket, 'end');
  made.client.end(everyByte);
  await ended;
  expect(made.texts.join('')).toBe(everyByte.toString('latin1'));
});

it.each(ways)('once it is stopped, the socket gives everything that follows itself: %s', async (_way, read) => {
  using made = await connection(read);
  const more = Buffer.alloc(3_000_000, everyByte);
  const stopped = new Promise<void>((resolve) => {
    made.told((text) => {
      made.stop();
      made.socket.pause();
      made.socket.unshift(Buffer.from(text, 'latin1'));
      resolve();
    });
  });
  made.client.write('first');
  await stopped;
  made.client.end(more);

  const pieces: Buffer[] = [];
  for await (const piece of made.socket) pieces.push(piece);
  expect(made.texts).toEqual([]);
  expect(Buffer.concat(pieces).equals(Buffer.concat([Buffer.from('first'), more]))).toBe(true);
});

it.each(ways)('once it is stopped, a socket that nobody reads holds up its client: %s', async (_way, read) => {
  using made = await connection(read);
  const stopped = new Promise<void>((resolve) => {
    made.told(() => {
      made.stop();
      made.socket.pause();
      resolve();
    });
  });
  made.client.write('first');
  await stopped;
  const more = Buffer.alloc(64_000_000);
  made.client.write(more);
  for (let before = -1; before < made.socket.bytesRead; ) {
    before = made.socket.bytesRead;
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  }
  expect(made.client.writableNeedDrain).toBe(true);
  expect(made.socket.readableLength).toBeLessThan(1_000_000);

  let length = 0;
  made.socket.on('data', (piece) => {
    length += piece.length;
  });
  made.socket.resume();
  await once(made.client, 'drain');
  while (length < more.length) await new Promise(setImmediate);
  expect(length).toBe(more.length);
});

it('the Node that the tests run on lets connections read into the common buffer', async () => {
  using made = await connection(readText);
  expect(made.socket.listenerCount('data')).toBe(0);
});
