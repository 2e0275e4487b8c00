import type { Socket } from 'node:net';
import { startRawOrigin, type TestServer } from './edge.ts';

/** An origin that reads what comes, one request after the other, answers each, and remembers what it has got. */
export interface RecordingOrigin extends TestServer {
  /** The requests that it has got whole. */
  whole(): readonly string[];
  /** What else it has got. */
  leftOver(): string;
  forget(): void;
}

export async function startRecordingOrigin(): Promise<RecordingOrigin> {
  let whole: string[] = [];
  let leftOver = new Map<Socket, string>();

  const server = await startRawOrigin((socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let length = requestLength(text); length !== undefined; length = requestLength(text)) {
        whole.push(text.slice(0, length));
        text = text.slice(length);
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }
      leftOver.set(socket, text);
    });
  });

  return {
    ...server,
    whole: () => whole,
    leftOver: () => [...leftOver.values()].join(''),
    forget() {
      whole = [];
      leftOver = new Map();
    },
  };
}

/** The length of the request that the text begins with, when it is whole. */
function requestLength(text: string): number | undefined {
  const head = /^[A-Z]+ \S+ HTTP\/1\.[01]\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(text)?.[0];
  if (head === undefined) return undefined;
  const sized = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1] ?? 0);
  const end = text.indexOf('\r\n0\r\n\r\n', head.length - 2);
  const length = !/\r\ntransfer-encoding:/i.test(head) ? head.length + sized : end < 0 ? Number.NaN : end + 7;
  return length <= text.length ? length : undefined;
}
