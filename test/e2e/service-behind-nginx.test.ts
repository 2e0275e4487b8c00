import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { answerTo, type ServiceUnderTest, startService, token } from '../fixtures/service.ts';
import { spaHandler, spaShell, startOrigin, type TestOrigin } from '../fixtures/spa.ts';
import { tempFolder } from '../fixtures/temp-folder.ts';

const hasNginx = spawnSync('nginx', ['-v']).status === 0;
const recipe = readFileSync(join(import.meta.dirname, '../../docs/recipes/middleware.md'), 'utf8');

let application: TestOrigin;
let service: ServiceUnderTest;
let nginx: ChildProcess;

afterEach(async () => {
  nginx.kill('SIGTERM');
  await once(nginx, 'close');
  await service.close();
  await application.close();
});

interface Places {
  readonly port: number;
  readonly service: string;
  readonly application: string;
  readonly token: string;
}

/** nginx in front of the application, and the service that renders what nginx serves. */
async function setUp(rules: (places: Places) => string, token: string) {
  const seen: (string | undefined)[] = [];
  application = await startOrigin((request, response) => {
    seen.push(request.headers['user-agent']);
    spaHandler(request, response);
  });
  const port = await freePort();
  service = await startService({
    origin: `http://127.0.0.1:${port}`,
    publicUrl: 'https://www.example.com',
    render: { tabs: 1, timeout: '5s' },
    service: { enabled: true, port: 0, token },
  });
  const places = { port, service: new URL(service.url).host, application: new URL(application.url).host, token };
  nginx = await startNginx(port, rules(places));
  const get = (path: string, agent: string, fields: Readonly<Record<string, string>> = {}) =>
    answerTo(`http://127.0.0.1:${port}`, path, {
      headers: { host: 'www.example.com', 'user-agent': agent, ...fields },
    });
  return { get, seen };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startNginx(port: number, rules: string): Promise<ChildProcess> {
  const folder = tempFolder();
  const file = join(folder, 'nginx.conf');
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {} http { access_log off; ${places.join(' ')}
${rules}
}`,
  );
  const child = spawn('nginx', ['-p', folder, '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk) => (complaints += chunk));
  for (;;) {
    if (child.exitCode !== null) throw new Error(complaints);
    const answer = await answerTo(`http://127.0.0.1:${port}`, '/', {}).catch(() => undefined);
    if (answer !== undefined) return child;
    await sleep(20);
  }
}

/** The rules in the recipe, for this machine's ports. */
function recipeRules({ port, service: host, application: app, token }: Places): string {
  const [, rules = ''] = /```nginx\n(.*?)```/s.exec(recipe) ?? [];
  const changes: readonly (readonly [string, string])[] = [
    ['server 127.0.0.1:3000;', `server ${host};`],
    ['listen 80;', `listen 127.0.0.1:${port}; set $preface_token "${token}";`],
    ['root /srv/app;', ''],
    ['try_files $uri /index.html;', `proxy_pass http://${app};`],
  ];
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the recipe has no ${from}`);
    return text.replace(from, to);
  }, rules);
}

/** As it is used with Prerender: a rewrite, and a crawler's form of a fragment. */
const usualRules = ({ port, service: host, application: app, token }: Places) => `
server {
  listen 127.0.0.1:${port};
  location / {
    set $prerender 0;
    if ($http_user_agent ~* "twitterbot|googlebot") { set $prerender 1; }
    if ($args ~ "_escaped_fragment_") { set $prerender 1; }
    if ($http_user_agent ~ "Prerender") { set $prerender 0; }
    proxy_set_header X-Prerender-Token "${token}";
    if ($prerender = 1) {
      rewrite .* /$scheme://$host$request_uri? break;
      proxy_pass http://${host};
    }
    if ($prerender = 0) { proxy_pass http://${app}; }
  }
}`;

describe.runIf(hasNginx).each([
  ['the rules of the recipe', recipeRules, token],
  ['the rules of the recipe, without a token', recipeRules, ''],
  ['the usual rules for Prerender', usualRules, token],
  ['the usual rules for Prerender, without a token', usualRules, ''],
])('nginx with %s', (_, rules, shown) => {
  it('gives crawlers the finished page and people the application', async () => {
    const { get, seen } = await setUp(rules, shown);
    const page = await get('/lamps/a%20b%2Fc?x=%26&y=1', 'Twitterbot/1.0');
    expect(page.status).toBe(200);
    expect(String(page.body)).toContain('Text of /lamps/a%20b%2Fc');
    expect(page.headers['x-preface']).toBe('page; reader=social; bot=Twitterbot');
    expect(application.requests.filter((line) => line.startsWith('GET /lamps'))).toEqual([
      'GET /lamps/a%20b%2Fc?x=%26&y=1',
    ]);
    expect(seen.every((agent) => agent === undefined || !/Twitterbot/.test(agent))).toBe(true);

    const shell = await get('/lamps/1', 'Mozilla/5.0 Firefox/140.0');
    expect(String(shell.body)).toBe(spaShell);
    const file = await get('/report.pdf', 'Twitterbot/1.0');
    expect(String(file.body)).toBe('%PDF-1.7');
  });

  it("gives a crawler the page in the crawlers' form of a fragment", async () => {
    const { get } = await setUp(rules, shown);
    const { status, body } = await get('/lamps?_escaped_fragment_=', 'Googlebot/2.1');
    expect([status, String(body)]).toEqual([200, expect.stringContaining('Text of /lamps')]);
  });
});

it.runIf(hasNginx)(
  'nginx with the rules of the recipe gives the page to a crawler that followed a link of another website',
  async () => {
    const { get } = await setUp(recipeRules, '');
    const crawler = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
    const { status, body } = await get('/lamps/1', 'Twitterbot/1.0', crawler);
    expect([status, String(body)]).toEqual([200, expect.stringContaining('Text of /lamps/1')]);
  },
);
