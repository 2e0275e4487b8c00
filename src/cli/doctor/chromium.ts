import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { Environment } from '../../config/environment.ts';
import type { Config } from '../../config/schema.ts';
import { messageOf } from '../../errors.ts';
import { error, type Finding, ok } from './finding.ts';

const cure = 'npm start in a checkout installs one; else: npx @puppeteer/browsers install chrome-headless-shell';

export async function chromiumFinding({ render }: Config, environment: Environment): Promise<Finding> {
  const subject = 'chromium';
  if (render.browserEndpoints.length > 0)
    return ok(subject, `${render.browserEndpoints.length} elsewhere (render.browserEndpoints)`);
  const { findChromium } = await import('../../render/find-chromium.ts');
  const found = await findChromium({ configuredPath: render.browserPath, env: environment });
  if (found === undefined) {
    return error(subject, render.browserPath === undefined ? 'none found' : `nothing at ${render.browserPath}`, cure);
  }
  try {
    const { stdout } = await promisify(execFile)(found.path, ['--version'], { timeout: 10_000 });
    return ok(subject, `${stdout.trim()}, ${found.path} (${found.from})`);
  } catch (cause) {
    return error(
      subject,
      `${found.path} does not start: ${firstLine(messageOf(cause))}`,
      'install the libraries that it misses (ldd names them)',
    );
  }
}

/** A page whose text exists only once its script has run. */
const page =
  '<!doctype html><title>doctor</title><p id="p"></p><script>document.getElementById("p").textContent = 6 * 7 + " pages"</script>';

export interface RenderTried {
  readonly finding: Finding;
  /** Whether Chromium had its sandbox; undefined when it did not get so far. */
  readonly sandbox: boolean | undefined;
}

/** Renders a page of our own through everything that a real render goes through. */
export async function tryRender(configFor: (origin: string) => Promise<Config>): Promise<RenderTried> {
  const subject = 'a real render';
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(page));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const startedAt = performance.now();
    const { html, sandbox } = await renderedBy(await configFor(origin), origin);
    const ms = Math.round(performance.now() - startedAt);
    const finding = html.includes('42 pages')
      ? ok(subject, `works (${ms} ms with the browser's start)`)
      : error(subject, "the page's script did not run", 'preface render URL --json shows what happened');
    return { finding, sandbox };
  } catch (cause) {
    const next = 'mend what is named above first; then: preface render URL --json';
    return { finding: error(subject, firstLine(messageOf(cause)), next), sandbox: undefined };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function renderedBy(config: Config, origin: string): Promise<{ html: string; sandbox: boolean | undefined }> {
  const { buildRenderer } = await import('../../one-off-renderer.ts');
  const renderer = await buildRenderer(config);
  try {
    const { html } = await renderer.render(`${origin}/`, 'desktop');
    return { html, sandbox: renderer.sandbox() };
  } finally {
    await renderer.close();
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
