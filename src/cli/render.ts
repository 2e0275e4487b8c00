import type { LoadedConfig } from '../config/load.ts';
import type { Device } from '../page/page-target.ts';
import type { Snapshot } from '../page/snapshot.ts';
import { type Command, exitCodes, Failure, type Invocation, UsageError } from './command.ts';
import { configFor, configOption, originOptions } from './config-options.ts';

const options = {
  json: {
    type: 'boolean',
    help: 'everything about the render as JSON: status, headers, HTML, timings, requests, why it ended',
  },
  screenshot: { type: 'string', value: 'FILE', help: 'also write a picture of the page (PNG)' },
  device: { type: 'string', value: 'DEVICE', help: 'desktop or mobile [desktop]' },
  'user-agent': { type: 'string', value: 'TEXT', help: 'user agent of the renderer' },
  ...originOptions,
  ...configOption,
} as const;

export const render: Command = {
  name: 'render',
  summary: 'render one page and print its HTML',
  usage: 'URL [options]',
  options,
  words: { min: 1, max: 1 },
  examples: [
    'preface render https://www.example.com/products/7',
    'preface render /products/7 --origin http://127.0.0.1:3000 --json',
    'preface render / --config preface.config.yaml --device mobile --screenshot page.png',
  ],

  async run(invocation) {
    const { values, positionals, terminal } = invocation;
    const device = deviceOf(values.device);
    const { loaded, url } = await pageOf(positionals[0] ?? '', invocation);
    const { buildRenderer } = await import('../one-off-renderer.ts');
    const renderer = await buildRenderer(loaded.config, { version: terminal.version });
    try {
      const userAgent = values['user-agent'];
      const snapshot = await renderer.render(url, device, {
        ...(typeof userAgent === 'string' && { userAgent }),
        ...(values.screenshot !== undefined && { picture: { format: 'png', wholePage: false } }),
      });
      if (typeof values.screenshot === 'string') await writePicture(values.screenshot, snapshot.picture);
      terminal.write(
        values.json === true
          ? `${JSON.stringify(asJson(url, device, snapshot), null, 2)}\n`
          : endedByLine(snapshot.html),
      );
      return exitCodes.good;
    } finally {
      await renderer.close();
    }
  },
};

function deviceOf(value: string | boolean | undefined): Device {
  if (value === undefined) return 'desktop';
  if (value === 'desktop' || value === 'mobile') return value;
  throw new UsageError(`--device must be desktop or mobile, not ${value}`);
}

/** The configuration and the absolute URL. A URL of a site that is not configured is its own origin. */
async function pageOf(text: string, invocation: Invocation): Promise<{ loaded: LoadedConfig; url: string }> {
  const isPath = text.startsWith('/');
  if (!isPath && !/^https?:\/\//i.test(text)) {
    throw new UsageError(
      `${text} is no page: give a URL such as https://www.example.com/, or a path such as /products`,
    );
  }
  if (!isPath && !URL.canParse(text)) throw new UsageError(`${text} is not a URL`);
  const { siteConfigs } = await import('../config/sites.ts');
  const loaded = await configFor(invocation, options);
  const sites = siteConfigs(loaded.config);
  if (isPath) {
    const site = sites[0]?.site;
    if (site === undefined) throw new UsageError(`${text} is only a path: give a whole URL, or --origin URL with it`);
    return { loaded, url: site.publicUrl.origin + text };
  }
  const url = new URL(text);
  if (sites.some(({ site }) => site.publicUrl.origin === url.origin)) return { loaded, url: url.href };
  const itself = (name: string) =>
    ({ path: [name], value: url.origin, source: { from: 'derived', reason: text } }) as const;
  return { loaded: await configFor(invocation, options, [itself('origin'), itself('publicUrl')]), url: url.href };
}

async function writePicture(file: string, picture: Uint8Array | undefined): Promise<void> {
  if (picture === undefined) throw new Failure('the renderer gave no picture');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(file, picture);
}

/** The page and the account of its making, with the words of the log. */
function asJson(url: string, device: Device, { html, report, ...snapshot }: Snapshot) {
  const { stoppedBy, pending, stages, skippedMs, ...amounts } = report;
  return {
    url,
    device,
    status: snapshot.status,
    headers: snapshot.headers,
    stoppedBy,
    pending,
    timings: { ...stages, skippedMs },
    ...amounts,
    tags: snapshot.tags,
    renderedAt: new Date(snapshot.renderedAt).toISOString(),
    inputs: snapshot.inputs,
    html,
  };
}

function endedByLine(html: string): string {
  return html.endsWith('\n') ? html : `${html}\n`;
}
