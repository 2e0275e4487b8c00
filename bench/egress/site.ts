// An application to load: a document, twelve assets, four answers of its API. Run as a process of its own: `node site.ts`; prints its port.
import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const scripts = 8;
const styles = 4;
const answers = 4;
/** Its size is what counts, not what it says. */
const filler = (name: string, bytes: number) =>
  `/* ${createHash('sha256')
    .update(name)
    .digest('hex')
    .repeat(bytes / 64)} */`;

const documentOf = (kind: string) => `<!doctype html><html><head><title>loading</title>
${list(styles, (n) => `<link rel="stylesheet" href="/${kind}/style-${n}.css">`)}
</head><body><main></main>
${list(scripts, (n) => `<script src="/${kind}/script-${n}.js" defer></script>`)}
<script type="module">
  const main = document.querySelector('main');
  const told = await Promise.all(Array.from({ length: ${answers} }, (_, n) => fetch('/api/' + n).then((answer) => answer.json())));
  for (const { rows } of told) for (const row of rows) main.append(Object.assign(document.createElement('p'), { textContent: row }));
  document.title = 'done';
</script></body></html>`;

function list(count: number, line: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => line(n)).join('\n');
}

/** `kept`: assets with a lifetime and a validator, as built applications have them. `unkept`: nothing may be stored by anybody. */
function assetFields(kind: string, path: string): Record<string, string> {
  if (kind === 'unkept') return { 'cache-control': 'no-store' };
  return { 'cache-control': 'public, max-age=31536000, immutable', etag: `"${path}"` };
}

const rows = JSON.stringify({ rows: Array.from({ length: 25 }, (_, n) => `row ${n} ${'text '.repeat(12)}`) });

const server = createServer((request, response: ServerResponse) => {
  const path = request.url ?? '/';
  const [, kind = 'kept', asset] = /^\/(kept|unkept)\/(?:(script|style)-\d)?/.exec(path) ?? [];
  if (path.startsWith('/api/')) answer('application/json', rows, { 'cache-control': 'no-store' });
  else if (asset === 'script')
    answer('text/javascript', `${filler(path, 32_000)};globalThis.n=(globalThis.n??0)+1`, assetFields(kind, path));
  else if (asset === 'style') answer('text/css', `${filler(path, 8_000)} p { margin: 1px }`, assetFields(kind, path));
  else answer('text/html', documentOf(kind), { 'cache-control': 'no-store' });

  function answer(type: string, body: string, fields: Record<string, string>): void {
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...fields }).end(body);
  }
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
