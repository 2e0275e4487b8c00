import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { portOf } from '../../config/addresses.ts';
import { masked } from '../../config/mask.ts';
import { messageOf } from '../../errors.ts';
import { type HttpAnswer, httpAnswer } from '../http-get.ts';
import { error, type Finding, ok, warning } from './finding.ts';

const patienceMs = 5000;

export interface OriginLook {
  readonly finding: Finding;
  readonly date?: string;
}

export async function lookAtOrigin(origin: URL): Promise<OriginLook> {
  const subject = 'application';
  let answer: HttpAnswer;
  try {
    answer = await httpAnswer(origin, patienceMs);
  } catch (cause) {
    const cure = 'start it, or correct origin';
    return { finding: error(subject, `${origin.origin} does not answer: ${messageOf(cause)}`, cure) };
  }
  const { status, headers } = answer;
  const date = headers.date === undefined ? {} : { date: headers.date };
  const says = `${origin.origin} answers ${status}`;
  if (status >= 500) return { finding: warning(subject, says, 'look into its log'), ...date };
  const isHtml = /^text\/html|^application\/xhtml/.test(headers['content-type'] ?? '');
  if (status === 200 && !isHtml) {
    return {
      finding: warning(subject, `${says}, but not with HTML`, 'is this the application, or only its data?'),
      ...date,
    };
  }
  return { finding: ok(subject, says), ...date };
}

/** `isRunning` tells whether a Preface answers on this configuration's admin listener: then its ports are taken rightly. */
export async function portFinding(subject: string, host: string, port: number, isRunning: boolean): Promise<Finding> {
  const cause = await bindError(host, port);
  if (cause === undefined) return ok(subject, `${host}:${port} is free`);
  if (cause.code === 'EADDRINUSE' && isRunning) return ok(subject, `${host}:${port} is used by the running Preface`);
  const [group = ''] = subject.split(' ');
  const cure = `stop the program that has it, or set ${group === 'traffic' ? 'listen' : group}.port`;
  return error(subject, `${host}:${port} cannot be used: ${cause.code ?? cause.message}`, cure);
}

async function bindError(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return undefined;
  } catch (cause) {
    return cause as NodeJS.ErrnoException;
  } finally {
    server.close();
  }
}

/** PING, after AUTH where the URL has a password. */
export async function redisFinding(url: string): Promise<Finding> {
  const subject = 'redis';
  const where = String(masked(url, true));
  const cure = 'start it, or correct cache.redisUrl; until then pages are kept in memory only';
  try {
    const answer = await ping(new URL(url));
    if (answer.startsWith('+PONG')) return ok(subject, `${where} answers`);
    return error(
      subject,
      `${where} says ${answer.slice(1, 100).trim()}`,
      'correct the user and password in cache.redisUrl',
    );
  } catch (cause) {
    return error(subject, `${where} does not answer: ${messageOf(cause)}`, cure);
  }
}

async function ping(url: URL): Promise<string> {
  const address = { host: url.hostname, port: url.port === '' ? 6379 : portOf(url) };
  const socket: Socket =
    url.protocol === 'rediss:' ? connectTls({ ...address, servername: url.hostname }) : connect(address);
  socket.setTimeout(patienceMs, () => socket.destroy(new Error(`no answer within ${patienceMs} ms`)));
  try {
    const login = [url.username, url.password].filter((part) => part !== '').map(decodeURIComponent);
    if (login.length > 0) socket.write(command('AUTH', ...login));
    socket.write(command('PING'));
    return await lastAnswer(socket, login.length > 0 ? 2 : 1);
  } finally {
    socket.destroy();
  }
}

/** Redis's own framing keeps spaces in passwords whole. */
function command(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

async function lastAnswer(socket: Socket, count: number): Promise<string> {
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    const lines = text.split('\r\n').slice(0, -1);
    const refusal = lines.find((line) => line.startsWith('-'));
    if (refusal !== undefined) return refusal;
    if (lines.length >= count) return lines[count - 1] ?? '';
  }
  throw new Error('the connection was closed');
}
