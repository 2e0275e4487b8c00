import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPreface, type TestPreface } from '../fixtures/preface.ts';
import { startOrigin, type TestOrigin } from '../fixtures/spa.ts';

// People type https://www.shop.example; the application is served as plain HTTP on a port of this machine.

const publicUrl = 'https://www.shop.example';
const reader = { 'user-agent': 'Twitterbot/1.0' };
const host = { host: 'www.shop.example' };

const script = `
const facts = {
  location: location.href,
  origin: self.origin,
  base: document.baseURI,
  secure: isSecureContext,
  digest: (await crypto.subtle.digest('SHA-256', new Uint8Array(3))).byteLength,
  workers: 'serviceWorker' in navigator,
  data: (await (await fetch('/api')).json()).host,
  absolute: (await fetch('${publicUrl}/api')).url,
};
document.cookie = 'a=1; Secure; Path=/';
facts.cookie = document.cookie;
const add = (tag, fields) => Object.assign(document.head.appendChild(document.createElement(tag)), fields);
add('link', { rel: 'canonical', href: location.href });
add('meta', { content: new URL('/card.png', location.href).href }).setAttribute('property', 'og:image');
const link = document.createElement('a');
link.href = location.origin + '/lamps';
link.textContent = 'lamps';
const told = document.createElement('pre');
told.textContent = JSON.stringify(facts);
document.body.append(link, told);
`;

let origin: TestOrigin;
let preface: TestPreface;
let internal: string;

beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    const { pathname } = new URL(request.url ?? '/', origin.url);
    // As an application does that builds its links from what it is told.
    const self = `${request.headers['x-forwarded-proto']}://${request.headers.host}`;
    if (pathname === '/api') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ host: self }));
    } else if (pathname === '/app.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else if (pathname === '/moved') {
      response.writeHead(301, { location: `${self}/new` }).end();
    } else if (pathname === '/moved-inside') {
      response.writeHead(302, { location: `${origin.url}/new` }).end();
    } else {
      response
        .writeHead(200, { 'content-type': 'text/html', link: `<${self}/>; rel="home"` })
        .end(
          `<!doctype html><title>shop</title><body><a href="${self}/home">home</a><script type=module src=/app.js></script>`,
        );
    }
  });
  internal = new URL(origin.url).host;
  preface = await startPreface({ origin: origin.url, publicUrl, render: { tabs: 1 } });
});

afterAll(async () => {
  await preface.close();
  await origin.close();
});

/** Under any name that the proxy may be reached by. */
const names = [host, { host: 'localhost:8080' }, { host: 'preface.internal' }];

describe.each(names)('an application known as https://www.shop.example, asked for at $host', (name) => {
  const ask = (path: string) => preface.ask(path, { ...reader, ...name });

  it('lives at its public address while it is rendered', async () => {
    const path = `/lamps/of-${name.host.replaceAll(/\W/g, '-')}`;
    const { status, body } = await ask(path);
    const [, facts = '{}'] = /<pre>(.*?)<\/pre>/.exec(body.toString()) ?? [];
    const address = publicUrl + path;
    expect(status).toBe(200);
    expect(JSON.parse(facts)).toEqual({
      location: address,
      origin: publicUrl,
      base: address,
      secure: true,
      digest: 32,
      workers: true,
      data: publicUrl,
      absolute: `${publicUrl}/api`,
      cookie: 'a=1',
    });
  });

  it('says nothing of where it is served from, and links to where people are', async () => {
    const { headers, body } = await ask('/lamps/8');
    const html = body.toString();
    expect(html).toContain(`<link rel="canonical" href="${publicUrl}/lamps/8">`);
    expect(html).toContain(`<meta content="${publicUrl}/card.png" property="og:image">`);
    expect(html).toContain(`<a href="${publicUrl}/lamps">lamps</a>`);
    expect(html).toContain(`<a href="${publicUrl}/home">home</a>`);
    expect(JSON.stringify(headers)).not.toContain(internal);
    expect(html).not.toContain(internal);
    expect(html).not.toContain('127.0.0.1');
  });

  it.each(['/moved', '/moved-inside'])('sends a reader on to a public address: %s', async (path) => {
    const { status, headers } = await ask(path);
    expect(status).toBe(path === '/moved' ? 301 : 302);
    expect(headers.location).toBe(`${publicUrl}/new`);
  });
});
