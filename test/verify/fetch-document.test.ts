import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { createDocumentFetcher } from '../../src/verify/fetch-document.ts';

const limits = { maxBytes: 1_000, timeoutMs: 10_000, accept: 'application/json' };

/** An HTTPS server under the name of `localhost`, and what fetches from it. */
async function setUp(answer: RequestListener, mayConnect: (address: string) => boolean = () => true) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  let connections = 0;
  const server = createServer({ key, cert }, answer);
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fetcher = createDocumentFetcher(mayConnect, { trustedCa: cert });
  return {
    url: `https://localhost:${port}/ranges.json`,
    port,
    fetcher,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      await fetcher.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('fetching a document', () => {
  it('gives its text and tag, and asks with the tag the next time', async () => {
    await using web = await setUp((request, response) => {
      if (request.headers['if-none-match'] === '"a"') return void response.writeHead(304).end();
      response.writeHead(200, { etag: '"a"', 'content-type': 'application/json' }).end('{}');
    });
    const { fetchDocument } = web.fetcher;
    expect(await fetchDocument(web.url, limits)).toEqual({
      status: 200,
      etag: '"a"',
      contentType: 'application/json',
      body: '{}',
    });
    expect(await fetchDocument(web.url, { ...limits, etag: '"a"' })).toMatchObject({ status: 304, body: '' });
  });

  it('gives up what is too large', async () => {
    await using web = await setUp((_, response) => {
      const write = () => {
        while (!response.destroyed && response.write('x'.repeat(500)));
      };
      response.on('drain', write);
      write();
    });
    await expect(web.fetcher.fetchDocument(web.url, limits)).rejects.toThrow('more than 1000 bytes');
  });

  it('gives up what is too slow', async () => {
    await using web = await setUp(() => {});
    await expect(web.fetcher.fetchDocument(web.url, { ...limits, timeoutMs: 100 })).rejects.toThrow(/timeout/i);
  });

  it('follows no redirect', async () => {
    await using web = await setUp((_, response) => response.writeHead(302, { location: 'https://localhost/' }).end());
    expect(await web.fetcher.fetchDocument(web.url, limits)).toMatchObject({ status: 302, body: '' });
  });

  it('connects to no address that is not public, whatever name it has', async () => {
    await using web = await setUp(
      (_, response) => response.end('secret'),
      () => false,
    );
    await expect(web.fetcher.fetchDocument(web.url, limits)).rejects.toThrow(/not public/);
    expect(web.connections()).toBe(0);
  });

  it('takes names only, and only over TLS', async () => {
    await using web = await setUp((_, response) => response.end('secret'));
    for (const host of ['127.0.0.1', '[::1]', '2130706433', '0x7f.1']) {
      await expect(web.fetcher.fetchDocument(`https://${host}:${web.port}/`, limits)).rejects.toThrow('not fetched');
    }
    await expect(web.fetcher.fetchDocument(`http://localhost:${web.port}/`, limits)).rejects.toThrow('not fetched');
    expect(web.connections()).toBe(0);
  });
});
