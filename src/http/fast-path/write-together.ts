import type { Socket } from 'node:net';

const bytes = 32 * 1024;
let common = Buffer.allocUnsafeSlow(bytes);

/**
 * Writes an answer's parts, of latin1 characters, in one piece. They are put together in a buffer that all answers share: a string of all of them
 * would be made and thrown away for every answer, and be a fifth of what the garbage collector has to do for it.
 */
export function writeTogether(socket: Socket, prepared: string, head: string, body: string): void {
  if (prepared.length + head.length + body.length > bytes) {
    socket.write(prepared + head + body, 'latin1');
    return;
  }
  let length = common.write(prepared, 'latin1');
  length += common.write(head, length, 'latin1');
  length += common.write(body, length, 'latin1');
  socket.write(common.subarray(0, length));
  // What the operating system has not taken at once stays in this buffer until it does.
  if (socket.writableLength > 0) common = Buffer.allocUnsafeSlow(bytes);
}
