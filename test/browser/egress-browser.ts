import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import puppeteer, { type Browser, type BrowserContext, type Page } from 'puppeteer';
import { createEgress } from '../../src/egress/egress.ts';
import type { Egress, TabExit } from '../../src/egress/exit.ts';
import type { EgressSettings } from '../../src/egress/settings.ts';
import { egressSettings } from '../egress/support.ts';

export const chromiumPath = process.env.PUPPETEER_EXECUTABLE_PATH ?? '/usr/lib/chromium/chromium-headless-shell';

/** What closes the ways around the proxy; nothing else of the renderer is used, so that the egress is tested alone. */
export function egressFlags(spki: string): string[] {
  return [
    '--proxy-server=http://127.0.0.1:1',
    '--proxy-bypass-list=<-loopback>',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--disable-quic',
    `--ignore-certificate-errors-spki-list=${spki}`,
    // Chromium's own guard for local addresses must not be what stops a request here.
    '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights',
  ];
}

export async function launchChromium(flags: readonly string[], executablePath = chromiumPath): Promise<Browser> {
  return puppeteer.launch({
    executablePath,
    headless: executablePath.includes('headless-shell') ? 'shell' : true,
    pipe: true,
    args: [...flags, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
}

export interface EgressBrowser {
  readonly egress: Egress;
  readonly browser: Browser;
  /** A context whose only way out is its own exit, with one page, signed in. */
  openTab(): Promise<{ context: BrowserContext; page: Page; exit: TabExit }>;
  close(): Promise<void>;
}

export async function startEgressBrowser(
  changes: Partial<EgressSettings> = {},
  executablePath?: string,
): Promise<EgressBrowser> {
  const egress = await createEgress(egressSettings(changes));
  const browser = await launchChromium(egressFlags(egress.spki), executablePath);
  return {
    egress,
    browser,
    async openTab() {
      const exit = await egress.openTab();
      const context = await browser.createBrowserContext({
        proxyServer: exit.proxyServer,
        proxyBypassList: ['<-loopback>'],
      });
      const page = await context.newPage();
      await page.authenticate(exit.credentials);
      // A 204 leaves the page where it is, which counts as an aborted navigation.
      await page.goto('http://preface.invalid/').catch(() => {});
      await page.authenticate(null);
      return { context, page, exit };
    },
    async close() {
      await browser.close();
      await egress.close();
    },
  };
}

export interface TestSite {
  readonly url: URL;
  readonly server: Server;
  close(): Promise<void>;
}

export async function startSite(handle: RequestListener): Promise<TestSite> {
  const server: Server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
