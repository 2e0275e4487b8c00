export interface ChromiumFlags {
  readonly profileDir: string;
  readonly sandbox: boolean;
  /** Public-key hash of the certificate with which the egress ends TLS. */
  readonly spki: string;
  /** `/dev/shm` holds less than a few pages need. */
  readonly smallSharedMemory: boolean;
  /** It produces frames when it is told to, and no others (frame-turns.ts). Only a headless shell can. */
  readonly framesOnDemand: boolean;
}

const disabledFeatures = [
  // A kept tab gains nothing from a new frame host per document, and pays for it: with these two off, a navigation
  // takes a third less CPU.
  'RenderDocument',
  // A page in the back-forward cache is not gone: it would outlive the wipe of its tab.
  'BackForwardCache',
  'AcceptCHFrame',
  'MediaRouter',
  'OptimizationHints',
  'PaintHolding',
  'Translate',
];

/** Nobody watches a page scroll: it is where it goes to in the next frame, and has said so (`scrollend`) before it is called done. */
export const instantScrollFlag = '--disable-smooth-scrolling';

/** The second is what makes a frame end with all that belongs to it, layout and observers included. */
export const framesOnDemandFlags = ['--enable-begin-frame-control', '--run-all-compositor-stages-before-draw'];

/** Chromium's command line. What is here is policy: each switch that guards something says what. */
export function chromiumFlags({
  profileDir,
  sandbox,
  spki,
  smallSharedMemory,
  framesOnDemand,
}: ChromiumFlags): string[] {
  return [
    '--headless',
    `--user-data-dir=${profileDir}`,
    '--remote-debugging-pipe',

    // The one way out. The default proxy leads nowhere: each tab's context is given its own (architecture, decision 5).
    // Chromium would go round any proxy for loopback addresses unless that rule is taken away.
    '--proxy-server=http://127.0.0.1:1',
    '--proxy-bypass-list=<-loopback>',
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    '--disable-quic',
    '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--webrtc-ip-handling-policy=disable_non_proxied_udp',
    `--ignore-certificate-errors-spki-list=${spki}`,

    // What a page may not do.
    '--block-new-web-contents',
    '--deny-permission-prompts',
    '--disable-extensions',
    '--disable-prompt-on-repost',
    '--mute-audio',

    // A page that piles up memory dies of it before this machine does.
    '--js-flags=--max-old-space-size=1024',

    // Chromium's own errands: each would be a request to somebody whom nobody asked for.
    '--disable-background-networking',
    '--disable-breakpad',
    '--disable-client-side-phishing-detection',
    '--disable-component-update',
    '--disable-crash-reporter',
    '--disable-default-apps',
    '--disable-domain-reliability',
    '--disable-field-trial-config',
    '--disable-search-engine-choice-screen',
    '--disable-sync',
    '--metrics-recording-only',
    '--no-default-browser-check',
    '--no-first-run',
    '--no-pings',
    '--no-service-autorun',
    '--password-store=basic',
    '--use-mock-keychain',

    // A tab that nobody looks at works as fast as one in front.
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-hang-monitor',
    '--disable-ipc-flooding-protection',
    '--disable-renderer-backgrounding',

    // Few pixels are ever looked at.
    '--disable-gpu',
    '--force-color-profile=srgb',
    '--hide-scrollbars',
    instantScrollFlag,
    '--lang=en-US',

    // Storage buckets: nothing but a wipe of all there is would empty them (wipe.ts), and hardly a page knows them. The other: pages
    // that ask `navigator.webdriver` would show something else than they show people.
    '--disable-blink-features=StorageBuckets,AutomationControlled',
    // A network process of its own can die alone: what is loading then looks cancelled, and each context forgets its proxy, so
    // pages would come out half made and in silence. Within the browser process it costs a fifth less CPU besides.
    '--enable-features=NetworkServiceInProcess2',
    `--disable-features=${disabledFeatures.join(',')}`,
    ...(framesOnDemand ? framesOnDemandFlags : []),
    ...(smallSharedMemory ? ['--disable-dev-shm-usage'] : []),
    ...(sandbox ? [] : ['--no-sandbox']),
    'about:blank',
  ];
}
