import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../fixtures/temp-folder.ts';
import { type AmbiguousRequest, ambiguousRequests } from '../origin/ambiguous-requests.ts';
import { connect, rawGet, startEdge, type TestEdge } from '../origin/edge.ts';
import { type RecordingOrigin, startRecordingOrigin } from '../origin/recording-origin.ts';

// The corpus of test/origin/smuggling.test.ts goes to Preface and to nginx, each in front of an origin that counts what it gets, and what
// came of each request is printed side by side. What is asserted is ours alone.

const hasNginx = spawnSync('nginx', ['-v']).status === 0;

interface Outcome {
  readonly statuses: string;
  /** Whole requests at the origin. */
  readonly passed: number;
  /** It has got the beginning of one as well: refused in the middle of its body, and its connection dropped. */
  readonly begun: boolean;
}

let ours: TestEdge;
let ourOrigin: RecordingOrigin;
let theirOrigin: RecordingOrigin;
let nginx: ChildProcess;
let nginxPort: number;

describe.runIf(hasNginx)('the corpus of ambiguous requests, beside nginx', () => {
  beforeAll(async () => {
    ourOrigin = await startRecordingOrigin();
    theirOrigin = await startRecordingOrigin();
    ours = await startEdge(ourOrigin.url);
    nginxPort = await freePort();
    nginx = await startNginx(nginxPort, theirOrigin.port);
  });

  afterAll(async () => {
    nginx.kill('SIGTERM');
    await ours[Symbol.asyncDispose]();
    await ourOrigin[Symbol.asyncDispose]();
    await theirOrigin[Symbol.asyncDispose]();
  });

  it('more never reaches our origin than was sent', async () => {
    const rows: { request: AmbiguousRequest; ours: Outcome; theirs: Outcome }[] = [];
    for (const request of ambiguousRequests) {
      const [our, their] = await Promise.all([
        tried(ours.port, ourOrigin, request.bytes),
        tried(nginxPort, theirOrigin, request.bytes),
      ]);
      rows.push({ request, ours: our, theirs: their });
    }
    process.stdout.write(tableOf(rows));

    for (const { request, ours: our } of rows) {
      expect(our.passed, request.name).toBe('passed' in request.expected ? request.expected.passed : 0);
      if ('passed' in request.expected) expect(our.begun, request.name).toBe(false);
    }
    expect((await tried(ours.port, ourOrigin, rawGet('/next'))).statuses).toBe('200');
  });
});

/** Sends it, gives the answers a second to come, and looks at what the origin has got. */
async function tried(port: number, origin: RecordingOrigin, bytes: string): Promise<Outcome> {
  origin.forget();
  using client = connect(port, bytes);
  await Promise.race([client.ended, sleep(1_000)]);
  const statuses = [...client.text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => status);
  return {
    statuses: statuses.join(' ') || 'none',
    passed: origin.whole().length,
    begun: origin.leftOver() !== '',
  };
}

type Row = { request: AmbiguousRequest; ours: Outcome; theirs: Outcome };

function tableOf(rows: readonly Row[]): string {
  const shown = ({ statuses, passed, begun }: Outcome) => `${statuses} → ${passed}${begun ? ', begun' : ''}`;
  const lines = rows.map(({ request, ours: our, theirs }) =>
    [request.name.padEnd(72), shown(our).padEnd(16), shown(theirs)].join(' '),
  );
  const through = rows.filter(({ ours: our, theirs }) => theirs.passed > our.passed).length;
  const exact = rows.filter(
    ({ request: { expected }, ours: our }) => our.passed === ('passed' in expected ? expected.passed : 0),
  );
  const [version = ''] = spawnSync('nginx', ['-v']).stderr.toString().split('\n');
  return [
    `${''.padEnd(72)} Preface          ${version.replace('nginx version: ', '')}`,
    'request (answers → whole requests at the origin)',
    ...lines,
    `${rows.length} requests: at Preface’s origin exactly what was expected of ${exact.length}; nginx lets through ${through} that Preface does not`,
    '',
  ].join('\n');
}

async function startNginx(port: number, originPort: number): Promise<ChildProcess> {
  const folder = tempFolder();
  writeFileSync(
    `${folder}/nginx.conf`,
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 256; }
    http {
      access_log off; lingering_close off;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      upstream origin { server 127.0.0.1:${originPort}; keepalive 8; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
        }
      }
    }`,
  );
  const child = spawn('nginx', ['-p', folder, '-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`]);
  while (!(await isOpen(port))) await sleep(20);
  return child;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
