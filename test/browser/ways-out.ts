import type { RequestListener } from 'node:http';

/** Hosts that are this machine, its network or its cloud, written in many ways; with `:port` they lead to the canary, or nowhere. */
export const disguisedHosts = [
  '127.0.0.1',
  '127.0.0.2',
  '127.1',
  '127.0.1',
  '0x7f.1',
  '0x7f.0.0.1',
  '0x7f000001',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '0177.0x0.1',
  '127.000.000.001',
  '127.0.0.1.',
  '0',
  '0.0.0.0',
  '１２７.０.０.１',
  '127。0。0。1',
  '127．0．0．1',
  '127｡0｡0｡1',
  '①②⑦.0.0.1',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'app.localhost',
  'a.b.localhost',
  'canary.test',
  'rebind.test',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[0000::0001]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:1]',
  '[::127.0.0.1]',
  '[::ffff:0:7f00:1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '10.0.0.1',
  '192.168.257',
  '100.100.100.200',
  'user:pass@127.0.0.1',
  '8.8.8.8@127.0.0.1',
];

/**
 * Runs in the page, whole: tries every way out that a page has, and gives up on each after a while.
 * A hit's path names the way it took. Nothing from outside may be used in here but the parameter.
 */
async function tryWaysOut({ port, hosts }: WaysOutParameter): Promise<void> {
  const canary = `http://127.0.0.1:${port}`;
  const secure = `https://127.0.0.1:${port}`;
  const socket = `ws://127.0.0.1:${port}`;
  const body = document.body;
  const within = (ms: number, promise: Promise<unknown>) =>
    Promise.race([promise, new Promise((resolve) => setTimeout(resolve, ms))]).catch(() => {});

  const element = (tag: string, fields: Record<string, string>, parent: Element = body) =>
    new Promise<void>((resolve) => {
      const made = document.createElement(tag);
      made.onload = () => resolve();
      made.onerror = () => resolve();
      for (const [name, value] of Object.entries(fields)) made.setAttribute(name, value);
      parent.append(made);
    });
  const opened = (url: string) =>
    new Promise<void>((resolve) => {
      const ws = new WebSocket(url);
      ws.onopen = ws.onerror = () => resolve();
    });
  const answerOf = (port: MessagePort | Worker) =>
    new Promise<void>((resolve) => {
      port.onmessage = () => resolve();
      if (port instanceof Worker) port.onerror = () => resolve();
      else port.start();
    });

  const ways: Record<string, () => unknown> = {
    fetch: () => fetch(`${canary}/fetch`, { mode: 'no-cors' }),
    'fetch-cors': () => fetch(`${canary}/fetch-cors`),
    'fetch-https': () => fetch(`${secure}/fetch-https`),
    'fetch-post': () => fetch(`${canary}/fetch-post`, { method: 'POST', body: 'x', mode: 'no-cors' }),
    'fetch-keepalive': () => fetch(`${canary}/fetch-keepalive`, { keepalive: true, mode: 'no-cors' }),
    'fetch-redirected': () => fetch(`/redirect?to=${canary}/fetch-redirected`, { mode: 'no-cors' }),
    xhr: () =>
      new Promise((resolve) => {
        const xhr = new XMLHttpRequest();
        xhr.onloadend = resolve;
        xhr.open('GET', `${canary}/xhr`);
        xhr.send();
      }),
    'xhr-sync': () => {
      const xhr = new XMLHttpRequest();
      xhr.open('GET', `${canary}/xhr-sync`, false);
      xhr.send();
    },
    beacon: () => navigator.sendBeacon(`${canary}/beacon`, 'x'),
    events: () =>
      new Promise((resolve) => {
        new EventSource(`${canary}/events`).onerror = resolve;
      }),
    image: () => element('img', { src: `${canary}/image` }),
    'image-redirected': () => element('img', { src: `/redirect?to=${canary}/image-redirected` }),
    srcset: () => element('img', { srcset: `${canary}/srcset 1x` }),
    picture: () => {
      const holder = document.createElement('div');
      holder.innerHTML = `<picture><source srcset="${canary}/picture"><img alt=""></picture>
        <table background="${canary}/table-background"><tr><td>x</table>
        <input type="image" src="${canary}/input-image">`;
      body.append(holder);
    },
    attribution: () => element('img', { attributionsrc: `${canary}/attribution`, src: 'data:,' }),
    'fetch-later': () => (window as { fetchLater?: (url: string) => unknown }).fetchLater?.(`${canary}/fetch-later`),
    script: () => element('script', { src: `${canary}/script` }),
    module: () => element('script', { type: 'module', src: `${canary}/module` }),
    // Behind a string, since the test's own loader would rewrite it.
    import: () => new Function('url', 'return import(url)')(`${canary}/import`),
    stylesheet: () => element('link', { rel: 'stylesheet', href: `${canary}/stylesheet` }),
    icon: () => element('link', { rel: 'icon', href: `${canary}/icon` }),
    manifest: () => element('link', { rel: 'manifest', href: `${canary}/manifest` }),
    prefetch: () => element('link', { rel: 'prefetch', href: `${canary}/prefetch` }),
    preload: () => element('link', { rel: 'preload', as: 'script', href: `${canary}/preload` }),
    'preload-fetch': () =>
      element('link', { rel: 'preload', as: 'fetch', href: `${canary}/preload-fetch`, crossorigin: '' }),
    'json-module': () => new Function('url', "return import(url, { with: { type: 'json' } })")(`${canary}/json-module`),
    modulepreload: () => element('link', { rel: 'modulepreload', href: `${canary}/modulepreload` }),
    preconnect: () => void element('link', { rel: 'preconnect', href: canary }),
    'dns-prefetch': () => void element('link', { rel: 'dns-prefetch', href: 'http://canary.test' }),
    speculation: () => {
      const rules = document.createElement('script');
      rules.type = 'speculationrules';
      const list = [{ source: 'list', urls: [`${canary}/speculation`], eagerness: 'immediate' }];
      rules.textContent = JSON.stringify({ prefetch: list, prerender: list });
      body.append(rules);
    },
    css: () => {
      const style = document.createElement('style');
      style.textContent = `@import url(${canary}/css-import);
        @font-face { font-family: canary; src: url(${canary}/css-font) }
        .canary { background: url(${canary}/css-background); font-family: canary; cursor: url(${canary}/css-cursor), auto;
          border-image: image-set(url(${canary}/css-image-set) 1x) 1; mask: url(${canary}/css-mask);
          list-style: url(${canary}/css-list) inside; display: list-item; filter: url(${canary}/css-filter#a) }
        .canary::before { content: url(${canary}/css-content) }`;
      document.head.append(style);
      const box = document.createElement('div');
      box.className = 'canary';
      box.textContent = 'canary';
      body.append(box);
    },
    'font-face': () => new FontFace('canary2', `url(${canary}/font-face)`).load(),
    frame: () => element('iframe', { src: `${canary}/frame` }),
    'frame-redirected': () => element('iframe', { src: `/redirect?to=${canary}/frame-redirected` }),
    'frame-srcdoc': () => element('iframe', { srcdoc: `<img src="${canary}/frame-srcdoc">` }),
    'frame-refresh': () =>
      element('iframe', { srcdoc: `<meta http-equiv="refresh" content="0;url=${canary}/frame-refresh">` }),
    'frame-script': () => element('iframe', { src: `javascript:location.href='${canary}/frame-script'` }),
    'frame-file': () => element('iframe', { src: 'file:///etc/passwd' }),
    object: () => element('object', { data: `${canary}/object` }),
    embed: () => element('embed', { src: `${canary}/embed` }),
    video: () => void element('video', { src: `${canary}/video`, preload: 'auto', poster: `${canary}/poster` }),
    audio: () => void element('audio', { src: `${canary}/audio`, preload: 'auto' }),
    track: () => {
      const video = document.createElement('video');
      body.append(video);
      void element('track', { src: `${canary}/track`, default: '' }, video);
    },
    'svg-image': () => {
      const holder = document.createElement('div');
      holder.innerHTML = `<svg><image href="${canary}/svg-image"/><use href="${canary}/svg-use#a"/></svg>`;
      body.append(holder);
    },
    form: () => {
      const holder = document.createElement('div');
      holder.innerHTML = `<iframe name="form-target"></iframe>
        <form action="${canary}/form" method="post" target="form-target"><input name="a" value="1"></form>`;
      body.append(holder);
      holder.querySelector('form')?.submit();
    },
    ping: () => {
      const link = document.createElement('a');
      link.href = '#';
      link.ping = `${canary}/ping`;
      body.append(link);
      link.click();
    },
    open: () => void window.open(`${canary}/open`),
    socket: () => opened(`${socket}/socket`),
    'socket-secure': () => opened(`wss://127.0.0.1:${port}/socket-secure`),
    'socket-stream': () =>
      new (window as unknown as { WebSocketStream: new (url: string) => { opened: Promise<unknown> } }).WebSocketStream(
        `${socket}/socket-stream`,
      ).opened,
    'link-blank': () => {
      const link = Object.assign(document.createElement('a'), { href: `${canary}/link-blank`, target: '_blank' });
      body.append(link);
      link.click();
    },
    transport: () => new WebTransport(`${secure}/transport`).ready,
    rtc: async () => {
      const servers = ['stun:', 'turn:', 'turns:'].flatMap((scheme) =>
        ['', '?transport=tcp', '?transport=udp']
          .filter((query) => scheme !== 'stun:' || query === '')
          .map((query) => ({ urls: `${scheme}127.0.0.1:${port}${query}`, username: 'a', credential: 'b' })),
      );
      const peer = new RTCPeerConnection({ iceServers: servers });
      peer.createDataChannel('canary');
      await peer.setLocalDescription(await peer.createOffer());
      const sdp = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 ${Array(32).fill('AA').join(':')}\r\na=setup:active\r\na=mid:0\r\na=sctp-port:5000\r\n`;
      await peer.setRemoteDescription({ type: 'answer', sdp });
      await peer.addIceCandidate({ candidate: `candidate:1 1 udp 2122260223 127.0.0.1 ${port} typ host`, sdpMid: '0' });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    },
    // From a frame of its own, whose constructors nobody has touched.
    'rtc-frame': async () => {
      await element('iframe', { srcdoc: '<p>frame</p>' });
      const frame = window.frames[window.frames.length - 1] as typeof globalThis & Window;
      const peer = new frame.RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] });
      peer.createDataChannel('canary');
      await peer.setLocalDescription(await peer.createOffer());
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    },
    'worker-socket': () => {
      const text = `for (const way of [() => new WebSocket('${socket}/worker-socket'), () => new EventSource('${canary}/worker-events'),
        () => { const x = new XMLHttpRequest(); x.open('GET', '${canary}/worker-xhr', false); x.send() }]) try { way() } catch {}
        setTimeout(() => postMessage(1), 1000)`;
      return answerOf(new Worker(URL.createObjectURL(new Blob([text]))));
    },
    worker: () => answerOf(new Worker(`/worker.js?${canary}/worker`)),
    'worker-blob': () => {
      const text = `fetch('${canary}/worker-blob',{mode:'no-cors'}).catch(()=>{}).then(()=>postMessage(1))`;
      return answerOf(new Worker(URL.createObjectURL(new Blob([text]))));
    },
    'shared-worker': () => {
      const shared = new SharedWorker(`/shared-worker.js?${canary}/shared-worker`);
      return answerOf(shared.port);
    },
    'service-worker': async () => {
      await navigator.serviceWorker.register(`/service-worker.js?${canary}/service-worker`);
      const { active } = await navigator.serviceWorker.ready;
      const channel = new MessageChannel();
      active?.postMessage('go', [channel.port2]);
      await answerOf(channel.port1);
    },
    worklet: () => CSS && new AudioContext().audioWorklet.addModule(`${canary}/worklet`),
    'cache-add': async () => (await caches.open('a')).add(`${canary}/cache-add`),
  };

  const attempts = Object.values(ways).map((way) => within(2_500, (async () => way())()));
  for (const host of hosts) {
    for (const scheme of ['http', 'https']) {
      const url = `${scheme}://${host}:${port}/host`;
      attempts.push(within(2_500, (async () => fetch(url, { mode: 'no-cors' }))()));
    }
    attempts.push(within(2_500, (async () => opened(`ws://${host.replace(/^.*@/, '')}:${port}/host`))()));
  }
  await Promise.all(attempts);
  document.title = 'tried everything';
}

export interface WaysOutParameter {
  readonly port: number;
  readonly hosts: readonly string[];
}

/** The site whose page tries: scripts for its workers, and a redirect to wherever it is told. */
export function wayOutSite(parameter: WaysOutParameter): RequestListener {
  return (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s, 2);
    const script = workerScripts[path]?.(query);
    if (path === '/redirect') response.writeHead(302, { location: query.replace(/^to=/, '') }).end();
    else if (script !== undefined) response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    else response.writeHead(200, pageHeaders(parameter)).end(pageBody(parameter));
  };
}

const ask = (url: string) => `fetch('${url}',{mode:'no-cors'}).catch(()=>{})`;
const imports = (url: string) => `try{importScripts('${url}-import')}catch{}`;

/** Each asks for the URL in its query, and answers when that is done. */
const workerScripts: Readonly<Record<string, (url: string) => string>> = {
  '/worker.js': (url) => `${imports(url)};${ask(url)}.then(()=>postMessage(1))`,
  '/shared-worker.js': (url) => `onconnect=e=>{const p=e.ports[0];${ask(url)}.then(()=>p.postMessage(1))}`,
  '/service-worker.js': (url) =>
    `${imports(url)};oninstall=()=>skipWaiting();onmessage=e=>e.waitUntil(${ask(url)}.then(()=>e.ports[0].postMessage(1)))`,
};

function pageHeaders({ port }: WaysOutParameter): Record<string, string> {
  const canary = `http://127.0.0.1:${port}`;
  return {
    'content-type': 'text/html',
    link: `<${canary}/link-header>; rel=preload; as=script, <${canary}>; rel=preconnect`,
    'content-security-policy-report-only': `img-src 'none'; report-uri ${canary}/csp-report`,
    'reporting-endpoints': `default="${canary}/reporting"`,
    nel: '{"report_to":"default","max_age":1000,"success_fraction":1}',
  };
}

function pageBody(parameter: WaysOutParameter): string {
  const call = `(${tryWaysOut.toString()})(${JSON.stringify(parameter)})`;
  return `<!doctype html><title>trying</title><body><p>page</p><script>${call}.then(()=>{window.tried=true})</script>`;
}
