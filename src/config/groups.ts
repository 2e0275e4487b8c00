import { z } from 'zod';
import { readerClasses } from '../page/reader.ts';
import {
  autoOr,
  count,
  duration,
  flag,
  network,
  pathPattern,
  port,
  positive,
  secret,
  size,
  text,
  unsetOr,
} from './field-types.ts';
import { choice, group, overrides, setting } from './setting.ts';

const device = z.enum(['desktop', 'mobile', 'auto']);

export const listen = {
  host: setting(text.min(1), '0.0.0.0', 'Address to listen on.'),
  port: setting(port, 8080, 'Port to listen on; 0 takes any free one.'),
  workers: setting(positive, 1, 'Processes that share the port.'),
  trustedProxies: setting(
    z.array(network),
    [],
    'Addresses and networks of proxies in front of us, whose `X-Forwarded-*` fields are believed.',
  ),
};

export const admin = {
  host: setting(
    text.min(1),
    '127.0.0.1',
    'Address of the admin listener. Any but a loopback address needs `admin.token`.',
  ),
  port: setting(port, 9090, 'Port of the admin listener: health, metrics, purge, dashboard.'),
  token: setting(secret(text), '', 'Bearer token of the admin listener; at least 16 characters.'),
};

export const service = {
  enabled: setting(flag, false, 'Answer the URLs of a rendering service (`/render?url=…`), for existing middleware.'),
  port: setting(port, 3000, 'Port of the rendering service.'),
  token: setting(
    secret(text),
    '',
    'What middleware sends as `X-Prerender-Token`; at least 16 characters where `listen.host` is not a loopback address.',
  ),
};

const agentUrl = z.url({ protocol: /^https$/, error: 'must be a URL such as https://bot.example' });
const agent = text.regex(/[^*\s]/, { error: 'must have letters, or it would fit every user agent' });

export const readers = {
  render: setting(
    z.array(z.enum(readerClasses)),
    ['search', 'social', 'ai', 'seo', 'archive', 'preview'],
    'Classes of readers that get the rendered page.',
  ),
  add: setting(z.array(agent), [], 'User agents, or parts of them, that also get it; `*` for anything between.'),
  except: setting(z.array(agent), [], 'User agents, or parts of them, that never get it.'),
  verify: setting(
    z.enum(['off', 'label', 'strict']),
    'label',
    'Check that a crawler is who it says: not at all, to say so in the log, or to refuse it the rendered page.',
  ),
  webBotAuth: setting(
    z.array(agentUrl),
    [],
    'Agents whose signatures are believed (Web Bot Auth), as they name themselves in `Signature-Agent`: `https://bot.example`.',
  ),
};

export const query = {
  ignore: setting(
    z.array(text.min(1)),
    [],
    'Query parameters that do not change a page, beside the well-known tracking ones; `name*` for a beginning.',
  ),
};

function screen(width: number, description: string) {
  return group(description, {
    width: setting(positive.max(10_000), width, 'In CSS pixels.'),
    height: setting(positive.max(20_000), 8000, 'In CSS pixels. Tall, so that what comes on sight is there.'),
  });
}

/** What a site may change about rendering. */
export const siteRender = {
  timeout: setting(duration, '15s', 'A page that is not done by then is given up.'),
  device: setting(device, 'desktop', "Which device pages are rendered as; `auto` goes by the reader's own."),
  viewport: group('Size of the window. It is tall, so that what loads when scrolled to is loaded.', {
    desktop: screen(1280, 'For desktop pages.'),
    mobile: screen(412, 'For mobile pages.'),
  }),
  userAgent: setting(
    unsetOr(text),
    '',
    "The renderer's user agent; Chromium's own and `Preface/<version>` when empty.",
  ),
  headers: setting(secret(z.record(text, text)), {}, 'Header fields for requests to the application while rendering.'),
  maxHtml: setting(size, '10mb', 'A larger page is not kept.'),
  minText: setting(count, 1, 'A page with fewer visible characters counts as failed.'),
  shadowDom: setting(z.enum(['declarative', 'flatten']), 'declarative', 'How shadow DOM is written down.'),
};

export const render = {
  tabs: setting(autoOr(positive), 'auto', 'Pages rendered at once; `auto` goes by processors and memory.'),
  queue: setting(count, 200, 'Renders that may wait for a tab; the next one is refused.'),
  isolation: setting(
    z.enum(['wiped', 'context']),
    'wiped',
    'Keep tabs and wipe them between renders, or take a new browser context for each (2.8 times the cost).',
  ),
  sandbox: setting(
    z.enum(['auto', 'required', 'off']),
    'auto',
    "Chromium's sandbox: `auto` leaves it out only where it is impossible, as for root; `required` refuses to render without.",
  ),
  browserPath: setting(unsetOr(text), '', 'The Chromium to start; searched for when empty.'),
  browserEndpoints: setting(
    secret(z.array(z.url({ protocol: /^wss?$/, error: 'must be a URL that begins with ws:// or wss://' }))),
    [],
    'Chromium that runs elsewhere: WebSocket URLs.',
  ),
  ...siteRender,
};

export const settle = {
  horizon: setting(duration, '5s', "How far ahead the page's clock may be moved to what it waits for."),
  longRequest: setting(duration, '2s', 'A request that is open for longer while all else is quiet is a long poll.'),
  quiet: setting(
    autoOr(duration),
    'auto',
    'How long the page and its network must have been quiet, in real time, before it is done; `auto` asks for no such time.',
  ),
};

/** What a site may change about what its pages load. */
export const siteEgress = {
  privateNetworks: setting(
    z.array(network),
    [],
    "Private addresses and networks that pages may reach, beside the application's own.",
  ),
  allowHosts: setting(
    z.array(text.min(1)),
    [],
    'Hosts that pages may reach even at private addresses; `*.example.com` for all below.',
  ),
  denyHosts: setting(z.array(text.min(1)), [], 'Hosts that pages may not reach, also when allowed above.'),
  block: setting(
    z.array(z.enum(['analytics', 'ads', 'fonts', 'media', 'images'])),
    ['analytics', 'ads', 'fonts', 'media', 'images'],
    'What a rendered page does not need and therefore does not load; `analytics` means tag managers and session recorders, too.',
  ),
  maxBytes: setting(size, '50mb', 'What one render may load.'),
  maxRequests: setting(positive, 1000, 'Requests that one render may make.'),
};

export const egress = {
  ...siteEgress,
  assetCache: setting(size, '64mb', 'Memory for scripts and styles that all renders share; 0 for none.'),
};

/** What a site may change about the cache. */
export const siteCache = {
  fresh: setting(duration, '1h', 'A page is answered from the cache for this long without a second thought.'),
  negativeFresh: setting(duration, '5m', 'The same for 404, 410 and redirects.'),
  staleWhileRevalidate: setting(duration, '24h', 'After that it is still answered for this long, and renewed behind.'),
  staleIfError: setting(duration, '7d', 'For this long it is answered when its renewal fails.'),
  followOrigin: setting(
    flag,
    false,
    "Take the times from the origin's `Cache-Control` where it names them; a path's own `fresh` goes before.",
  ),
  revalidate: setting(
    flag,
    true,
    'Ask first whether anything that went into a page has changed, and render only then.',
  ),
  maxRevalidations: setting(count, 100, 'Render after so many renewals without a render.'),
  renderAtLeastEvery: setting(duration, '24h', 'Render at least this often.'),
};

export const cache = {
  store: setting(
    z.enum(['memory', 'sqlite', 'redis']),
    'memory',
    'Where pages are kept beside memory; `sqlite` when `cache.directory` is set, `redis` when `cache.redisUrl` is.',
  ),
  directory: setting(unsetOr(text), '', 'Where `sqlite` keeps its file.'),
  redisUrl: setting(
    secret(unsetOr(z.url({ protocol: /^rediss?$/, error: 'must be a URL such as redis://localhost:6379' }))),
    '',
    'The Redis or Valkey to share pages through.',
  ),
  maxBytes: setting(size, '256mb', 'What the pages in memory may take.'),
  ...siteCache,
};

export const warm = {
  sitemap: setting(unsetOr(text), '', 'The sitemap whose pages are rendered ahead: a URL or a path.'),
  every: setting(unsetOr(duration), '', 'How often; only on request when empty.'),
  rate: setting(z.number().positive(), 2, 'Pages a second at most.'),
  robots: setting(
    flag,
    false,
    'Leave out what `robots.txt` disallows to `Preface` or `*`; without `warm.sitemap`, find the sitemaps in it.',
  ),
  afterPurge: setting(flag, false, 'Begin again when everything has been purged.'),
  afterDeploy: setting(flag, false, 'Begin again when a page shows that the application was replaced.'),
};

export const markdown = {
  enabled: setting(flag, true, 'Answer `Accept: text/markdown` with the page as Markdown.'),
  suffix: setting(flag, false, 'Also answer `<path>.md`.'),
  contentSignal: setting(
    text,
    '',
    'Value of the `Content-Signal` field of Markdown answers, such as `search=yes, ai-train=no`.',
  ),
  llmsTxt: setting(
    flag,
    false,
    'Answer `/llms.txt` with a list of the pages in the sitemap, where the application has none.',
  ),
};

export const audit = {
  sample: setting(count, 200, 'Pages whose findings are kept for the dashboard.'),
};

export const limits = {
  drainDelay: setting(duration, '0s', 'After SIGTERM: stay open for this long, not ready, so that balancers notice.'),
  drainTimeout: setting(duration, '25s', 'Then finish what is under way for at most this long.'),
  headerBytes: setting(size, '32kb', 'Largest header section of a request.'),
  connections: setting(positive, 10_000, 'Connections at once.'),
  rendersPerClient: setting(
    count,
    0,
    'Uncached renders a minute for each client network; 0 for no limit. The queue is fair between networks in any case.',
  ),
};

export const log = {
  level: setting(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'info',
    'Least level that is written.',
  ),
  format: setting(z.enum(['auto', 'json', 'pretty']), 'auto', '`auto` is pretty on a terminal and JSON elsewhere.'),
};

/** One rule for the paths that it matches. */
export const pathRule = z.strictObject({
  match: pathPattern.describe(
    'Path; `*` stands for a run of characters in one segment, `**` for any number of segments.',
  ),
  render: choice(flag, 'False passes these paths through; true takes them for pages even where they end like files.'),
  fresh: choice(duration, 'In place of `cache.fresh`.'),
  device: choice(device, 'In place of `render.device`.'),
  settle: overrides('In place of `settle`.', settle),
  query: choice(
    z.strictObject({
      keep: choice(z.array(text.min(1)), 'Only these parameters change a page.'),
      ignore: choice(z.array(text.min(1)), 'These parameters do not.'),
    }),
    'Which query parameters count.',
  ),
  repeatable: setting(
    z.array(text.min(1)),
    [],
    'Paths whose POST requests only read (GraphQL queries) and may be asked again.',
  ),
});
