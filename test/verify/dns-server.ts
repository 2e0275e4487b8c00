import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';

const types = { A: 1, CNAME: 5, PTR: 12, AAAA: 28 } as const;
const codes = { 'no-such-name': 3, 'server-failure': 2 } as const;

export interface DnsRecord {
  readonly name: string;
  readonly type: keyof typeof types;
  /** An address or a name. */
  readonly value: string;
}

/** What a name server says about a name: records, one of its refusals, or nothing at all. */
export type DnsAnswer = readonly DnsRecord[] | keyof typeof codes | 'silence';

export interface DnsServer extends AsyncDisposable {
  /** Asks this server. */
  readonly names: Resolver;
  readonly questions: readonly string[];
}

/** A name server on the loopback. Names are looked up as `<name> <type>`; what is not there does not exist. */
export async function startDnsServer(
  zone: Readonly<Record<string, DnsAnswer>>,
  { timeoutMs = 10_000 } = {},
): Promise<DnsServer> {
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = questionOf(query);
    const typeName = Object.entries(types).find(([, code]) => code === type)?.[0];
    questions.push(`${name} ${typeName}`);
    const answer = zone[`${name} ${typeName}`] ?? 'no-such-name';
    if (answer === 'silence') return;
    const records = typeof answer === 'string' ? [] : answer.map(encoded);
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | (typeof answer === 'string' ? codes[answer] : 0), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([head, query.subarray(12, end), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const names = new Resolver({ timeout: timeoutMs, tries: 1 });
  names.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    names,
    questions,
    async [Symbol.asyncDispose]() {
      names.cancel();
      socket.close();
      await once(socket, 'close');
    },
  };
}

function questionOf(query: Buffer) {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function encoded({ name, type, value }: DnsRecord): Buffer {
  const data = type === 'A' || type === 'AAAA' ? addressBytes(value) : nameBytes(value);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(types[type], 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(60, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(name), head, data]);
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** IPv6 addresses in full: eight groups. */
function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  return Buffer.from(
    address.split(':').flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
}
