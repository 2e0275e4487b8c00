import { Socket } from 'node:net';

type OnRead = (length: number) => boolean;

/** The parts of a socket that Node's `onread` sets; they have no public name. */
interface Keys {
  readonly buffer: symbol;
  readonly callback: symbol;
}

interface Insides {
  [key: symbol]: unknown;
  readonly _handle?: { readonly useUserBuffer?: (buffer: Uint8Array) => void } | null;
}

/** One for all: each read would otherwise be given 64 KB of its own, which costs more than reading the request in it. */
const common = Buffer.allocUnsafeSlow(64 * 1024);
const keys = findKeys();

/**
 * Gives what comes on a connection that a server has accepted, as text with a character for each byte, until the returned function is called; from
 * then on the socket gives its bytes as any other does. Nothing may have been read from the socket before.
 *
 * Reads into one buffer for all connections, as `onread` of `net.connect` does, which servers do not have. A Node that is made otherwise inside gets
 * plain `data` events: the same, only slower.
 */
export function readText(socket: Socket, onText: (text: string) => void): () => void {
  const insides = socket as unknown as Insides;
  const handle = insides._handle;
  const setBuffer = handle?.useUserBuffer;
  if (keys === undefined || typeof setBuffer !== 'function') return readPlainly(socket, onText);
  const callbackKey = keys.callback;
  const giveText: OnRead = (length) => {
    onText(common.toString('latin1', 0, length));
    return true;
  };
  insides[keys.buffer] = common;
  insides[callbackKey] = giveText;
  setBuffer.call(handle, common);
  socket.resume();
  return () => {
    insides[callbackKey] = givesItself(socket);
  };
}

/** Keeps nothing but the socket: it may be a tunnel for hours. */
function givesItself(socket: Socket): OnRead {
  return (length) => socket.push(Buffer.from(common.subarray(0, length)));
}

/** The same through what Node documents. */
export function readPlainly(socket: Socket, onText: (text: string) => void): () => void {
  const onData = (chunk: Buffer) => onText(chunk.toString('latin1'));
  socket.on('data', onData);
  return () => void socket.off('data', onData);
}

/** They are where a socket that was made with `onread` has what it was given. */
function findKeys(): Keys | undefined {
  const callback: OnRead = () => true;
  const socket = new Socket({ onread: { buffer: common, callback } });
  const keyOf = (value: unknown) =>
    Object.getOwnPropertySymbols(socket).find((key) => (socket as unknown as Insides)[key] === value);
  const [bufferKey, callbackKey] = [keyOf(common), keyOf(callback)];
  socket.destroy();
  return bufferKey === undefined || callbackKey === undefined
    ? undefined
    : { buffer: bufferKey, callback: callbackKey };
}
