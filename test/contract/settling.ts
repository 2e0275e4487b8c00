import type { Browser } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameMode, launch, openTab, type SettleTab } from '../browser/settle-harness.ts';
import { type Site, startSite } from '../browser/settle-site.ts';

/** How pages are settled, whichever way Chromium comes to produce frames. */
export function settlesPages(frames: FrameMode): void {
  let browser: Browser;
  let site: Site;
  let tab: SettleTab;

  beforeAll(async () => {
    [browser, site] = await Promise.all([launch(frames), startSite()]);
    // A shorter patience than in real life, for a shorter test.
    tab = await openTab(browser, { horizonMs: 5_000, longRequestMs: 800, quietMs: 0 });
  });

  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  type Parts = Parameters<Site['page']>[1];
  const render = (script: string, parts?: Parts) => tab.render(site.page(script, parts));
  const worker = (code: string) => `new Worker(URL.createObjectURL(new Blob([${JSON.stringify(code)}])))`;
  const socket = (query: string) => `new WebSocket(location.origin.replace('http','ws')+'/?${query}')`;

  /** Scripts that must have put DONE on the page, and nothing that begins with WRONG. */
  async function completes(script: string, parts?: Parts) {
    const settled = await render(script, parts);
    expect(settled.html).toContain('<p>DONE</p>');
    expect(settled.html).not.toContain('<p>WRONG');
    expect(settled.stoppedBy).toBe('settled');
    return settled;
  }

  describe('time is skipped, not waited for', () => {
    it.each([
      ['a timer', `setTimeout(()=>add('DONE'),3000)`],
      ['timers set inside timers', `let n=0;(function f(){++n<30?setTimeout(f,100):add('DONE')})()`],
      ['an interval', `let n=0;const i=setInterval(()=>{if(++n==20){clearInterval(i);add('DONE')}},150)`],
      [
        'a countdown',
        `let n=10;const i=setInterval(()=>{document.title=--n;if(!n){clearInterval(i);add('DONE')}},1000)`,
      ],
      ['a timer given as a string', `setTimeout("setTimeout('add(\\"DONE\\")',900)",900)`],
      ['a task with a delay', `scheduler.postTask(()=>scheduler.postTask(()=>add('DONE'),{delay:2500}))`],
      ['a signal that times out', `AbortSignal.timeout(2500).addEventListener('abort',()=>add('DONE'))`],
      ['frames', `let n=0;(function f(){if(++n==150)add('DONE');requestAnimationFrame(f)})()`],
      [
        'a transition that begins two frames later',
        `const d=document.createElement('div');d.style.transition='transform 2.5s';document.body.append(d);
         requestAnimationFrame(()=>requestAnimationFrame(()=>{d.style.transform='scale(2)'}));
         d.addEventListener('transitionend',()=>add('DONE'))`,
      ],
      [
        'animations one after the other',
        `(async()=>{for(let i=0;i<5;i++)await document.body.animate([{opacity:0},{opacity:1}],500).finished;add('DONE')})()`,
      ],
      [
        'an animation that is played backwards',
        `const a=document.body.animate([{opacity:0},{opacity:1}],2500);a.reverse();a.onfinish=()=>add('DONE')`,
      ],
      [
        'an animation of an element that is in no document',
        `document.createElement('div').animate([{opacity:0},{opacity:1}],2500).finished.then(()=>add('DONE'))`,
      ],
      [
        'an animation that begins anew',
        `const a=document.createElement('div').animate([{opacity:0},{opacity:1}],1300);
         a.onfinish=()=>{a.onfinish=()=>add('DONE');a.startTime=performance.now()};try{a.play.call(null)}catch{}`,
      ],
      [
        'a transition within a shadow tree',
        `const d=document.createElement('div');document.body.append(d);d.attachShadow({mode:'open'}).innerHTML='<style>p{transition:opacity 2.5s}.x{opacity:.2}</style><p>a</p>';
         const p=d.shadowRoot.querySelector('p');p.addEventListener('transitionend',()=>add('DONE'));setTimeout(()=>{p.getBoundingClientRect();p.className='x'},100)`,
      ],
      [
        'an animation within a closed shadow tree',
        `const d=document.createElement('div');document.body.append(d);const r=d.attachShadow({mode:'closed'});r.innerHTML='<style>@keyframes k{to{opacity:.5}}p{animation:k 2.5s}</style><p>a</p>';
         r.querySelector('p').addEventListener('animationend',()=>add('DONE'))`,
      ],
    ])('%s', async (_, script) => {
      const { ms, skippedMs } = await completes(script);
      expect(skippedMs).toBeGreaterThan(1_500);
      expect(ms).toBeLessThan(2_000);
    });

    it('beyond the horizon is not looked at, and told of as pending', async () => {
      const { html, pending } = await render(`add('now');setTimeout(()=>add('later'),30000)`);
      expect(html).not.toContain('later');
      expect(pending).toEqual([expect.stringMatching(/^timer 2\d{4} ms$/)]);
    });
  });

  it.each([
    ['by script', `d.scrollIntoView({behavior:'smooth'})`],
    ['by style', `document.documentElement.style.scrollBehavior='smooth';scrollTo(0,15000)`],
  ])('a page that scrolls smoothly, %s, has arrived when it is called done', async (_, scroll) => {
    const { ms } = await completes(
      `const d=document.createElement('div');d.style.marginTop='20000px';d.textContent='x';document.body.append(d);
       addEventListener('scrollend',()=>add(scrollY>=9000?'DONE':'WRONG '+scrollY),{once:true});${scroll}`,
    );
    expect(ms).toBeLessThan(1_000);
  });

  describe('clocks agree', () => {
    it.each([
      [
        'Date and performance',
        `const d=Date.now(),p=performance.now();setTimeout(()=>{const a=Date.now()-d,b=performance.now()-p;add(a>=1990&&a<2500&&Math.abs(a-b)<60?'DONE':'WRONG '+a+' '+b)},2000)`,
      ],
      [
        'event timestamps',
        `setTimeout(()=>{const b=document.createElement('b');b.onclick=e=>add(Math.abs(e.timeStamp-performance.now())<60?'DONE':'WRONG');b.click()},2000)`,
      ],
      [
        'what an observer saw',
        `setTimeout(()=>new IntersectionObserver(([e])=>add(Math.abs(e.time-performance.now())<60?'DONE':'WRONG '+e.time)).observe(document.body),2000)`,
      ],
      [
        'an event that is kept',
        `const e=new Event('x'),t=e.timeStamp;setTimeout(()=>add(e.timeStamp===t?'DONE':'WRONG '+[t,e.timeStamp]),2000)`,
      ],
      [
        'frame timestamps',
        `setTimeout(()=>requestAnimationFrame(t=>add(Math.abs(t-performance.now())<60?'DONE':'WRONG')),2000)`,
      ],
      [
        'performance marks',
        `performance.mark('a');setTimeout(()=>{const m=performance.measure('m','a');add(m.duration>1990&&m.duration<2500?'DONE':'WRONG '+m.duration)},2000)`,
      ],
      [
        'a frame made later',
        `setTimeout(()=>{const f=document.createElement('iframe');document.body.append(f);add(Math.abs(f.contentWindow.Date.now()-Date.now())<60?'DONE':'WRONG')},2500)`,
      ],
      [
        'the timeline of animations',
        `setTimeout(()=>requestAnimationFrame(()=>{const t=document.timeline.currentTime,p=performance.now();add(Math.abs(t-p)<60?'DONE':'WRONG '+t+' '+p)}),2000)`,
      ],
      [
        'an animation without end, and when it began',
        `const a=document.body.animate([{opacity:0},{opacity:1}],{duration:500,iterations:Infinity});
         a.ready.then(()=>{const s=a.startTime;setTimeout(()=>{const c=a.currentTime,b=a.startTime;add(c>1900&&c<2300&&Math.abs(b-s)<60?'DONE':'WRONG '+[c,s,b])},2000)})`,
      ],
      [
        'an animation that is to begin now',
        `setTimeout(()=>{const a=document.body.animate([{opacity:0},{opacity:1}],500);a.startTime=performance.now();
         a.finished.then(()=>add(performance.now()<2900?'DONE':'WRONG '+performance.now()))},2000)`,
      ],
      [
        'an animation that begins again',
        `const s=document.createElement('style');s.textContent='@keyframes k{to{opacity:.9}} body{animation:k .5s infinite}';document.head.append(s);
         document.body.addEventListener('animationiteration',()=>add('DONE'),{once:true});setTimeout(()=>{add('later');setTimeout(()=>add('much later'),1000)},1000)`,
      ],
      ['a busy loop', `setTimeout(()=>{const t=performance.now();while(performance.now()-t<100);add('DONE')},2000)`],
    ])('%s', async (_, script) => {
      await completes(script);
    });
  });

  it.each([
    ['a message', `const c=new MessageChannel();c.port1.onmessage=fill;c.port2.postMessage(0)`],
    ['a frame inside', `const i=document.createElement('iframe');i.onload=fill;document.body.append(i)`],
    ['an image', `const i=new Image();i.onload=fill;i.src='data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='`],
    ['a task', `scheduler.postTask(fill,{priority:'user-blocking'})`],
  ])('what %s brings between a frame and its end is seen by observers in the next', async (_, bring) => {
    await completes(
      `function fill(){const d=document.createElement('p');d.textContent='a';document.body.append(d);new IntersectionObserver(([e])=>e.isIntersecting&&add('DONE')).observe(d)}
       requestAnimationFrame(()=>{${bring}})`,
    );
  });

  describe('real work is waited for', () => {
    it.each([
      ['a request', `fetch('/slow?ms=400').then(r=>r.json()).then(()=>add('DONE'))`],
      [
        'a request, a timer, a request',
        `fetch('/slow?ms=200').then(()=>setTimeout(()=>fetch('/slow?ms=200').then(()=>add('DONE')),1000))`,
      ],
      [
        'an XMLHttpRequest',
        `const x=new XMLHttpRequest();x.open('GET','/slow?ms=300');x.onload=()=>add('DONE');x.send()`,
      ],
      ['a body that comes in pieces', `fetch('/chunks').then(async r=>{for await(const c of r.body);add('DONE')})`],
      ['an image', `const i=new Image();i.onload=i.onerror=()=>add('DONE');i.src='/slow?ms=300'`],
      ['a font', `const f=new FontFace('X','url(/slow?ms=300)');f.load().catch(()=>{}).then(()=>add('DONE'))`],
      ['modules that import modules', `setTimeout(()=>import('/module?left=4'),500)`],
      [
        'a frame inside',
        `const f=document.createElement('iframe');f.src='/slow?ms=300';f.onload=()=>setTimeout(()=>add('DONE'),50);document.body.append(f)`,
      ],
      [
        'a timer in a frame inside',
        `const f=document.createElement('iframe');f.srcdoc='<script>setTimeout(()=>parent.postMessage(1),1500)</scr'+'ipt>';addEventListener('message',()=>add('DONE'));document.body.append(f)`,
      ],
      [
        'a worker that computes',
        `${worker('const t=performance.now();while(performance.now()-t<600);postMessage(1)')}.onmessage=()=>add('DONE')`,
      ],
      ['a worker with a timer of its own', `${worker('setTimeout(()=>postMessage(1),700)')}.onmessage=()=>add('DONE')`],
      [
        'a worker that is asked',
        `const w=${worker('onmessage=()=>setTimeout(()=>postMessage(1),150)')};let n=0;w.onmessage=()=>++n<3?w.postMessage(0):add('DONE');setTimeout(()=>w.postMessage(0),300)`,
      ],
      [
        'a worker that goes on by itself after it has answered',
        `const w=${worker(`onmessage=async()=>{postMessage('started');for(let i=0;i<3;i++)await new Promise(f=>setTimeout(f,200));postMessage('result')}`)};w.onmessage=e=>add(e.data=='result'?'DONE':e.data);w.postMessage(0)`,
      ],
      [
        'a worker that takes some steps before it says anything',
        `${worker(`(async()=>{for(let i=0;i<5;i++)await new Promise(f=>setTimeout(f,150));postMessage('result')})()`)}.onmessage=()=>add('DONE')`,
      ],
      [
        'two workers, one of which has broken what it is built upon',
        `const t=${worker(`Map.prototype.values=Array.prototype.map=null;postMessage(1)`)};const w=${worker(`postMessage(0);setTimeout(()=>postMessage(1),400)`)};w.onmessage=e=>e.data&&add('DONE')`,
      ],
      ['a socket that is asked', `const w=${socket('')};w.onopen=()=>w.send('x');w.onmessage=()=>add('DONE')`],
      [
        'several messages of a socket',
        `const w=${socket('gaps=100,200,200')};let n=0;w.onmessage=()=>{if(++n==3)add('DONE')}`,
      ],
      ['an event stream', `new EventSource('/events').onmessage=()=>add('DONE')`],
      [
        'IndexedDB',
        `const r=indexedDB.open('x',1);r.onupgradeneeded=()=>r.result.createObjectStore('s');r.onsuccess=()=>{const t=r.result.transaction('s','readwrite');t.objectStore('s').put(1,1);t.oncomplete=()=>add('DONE')}`,
      ],
      [
        'CacheStorage',
        `(async()=>{const c=await caches.open('x');await c.add('/slow?ms=200');await c.match('/slow?ms=200');add('DONE')})()`,
      ],
      [
        'cryptography',
        `(async()=>{const k=await crypto.subtle.importKey('raw',new Uint8Array(8),'PBKDF2',false,['deriveBits']);await crypto.subtle.deriveBits({name:'PBKDF2',salt:new Uint8Array(8),iterations:500000,hash:'SHA-256'},k,256);add('DONE')})()`,
      ],
      ['WebAssembly', `WebAssembly.instantiate(new Uint8Array([0,97,115,109,1,0,0,0])).then(()=>add('DONE'))`],
      [
        'a view transition',
        `const t=document.startViewTransition(async()=>{await fetch('/slow?ms=100')});t.ready.then(()=>t.finished).then(()=>add('DONE'))`,
      ],
      [
        'a bitmap',
        `const c=document.createElement('canvas');c.width=c.height=2000;createImageBitmap(c).then(()=>add('DONE'))`,
      ],
      [
        'a service worker that is ready',
        `navigator.serviceWorker.register('/service-worker.js').then(()=>navigator.serviceWorker.ready).then(()=>add('DONE'))`,
      ],
      [
        'many messages to itself',
        `const c=new MessageChannel();let n=0;c.port1.onmessage=()=>{++n<300?c.port2.postMessage(0):add('DONE')};c.port2.postMessage(0)`,
      ],
      [
        'what only a produced frame brings',
        `const d=document.createElement('div');d.style.marginTop='4000px';document.body.append(d);setTimeout(()=>new IntersectionObserver(es=>{if(es[0].isIntersecting)add('DONE')}).observe(d),500)`,
      ],
    ])('%s', async (_, script) => {
      await completes(script);
    });

    it('a service worker that takes control', async () => {
      // In a context of its own: a worker that is registered already would not take control again.
      const fresh = await openTab(browser);
      const { html } = await fresh.render(
        site.page(
          `navigator.serviceWorker.register('/service-worker.js');
           if(!navigator.serviceWorker.controller)navigator.serviceWorker.addEventListener('controllerchange',()=>add('DONE'))`,
        ),
      );
      expect(html).toContain('<p>DONE</p>');
    });

    it('and time stands by meanwhile, so that no time-out of the page strikes early', async () => {
      await completes(
        `const late=new Promise((_,no)=>setTimeout(()=>no(),700));
         Promise.race([fetch('/slow?ms=400').then(r=>r.json()),late]).then(()=>add('DONE'),()=>add('WRONG: gave up'))`,
      );
    });

    it('even when it began in the middle of a jump', async () => {
      await completes(
        `setTimeout(()=>{const t=setTimeout(()=>add('WRONG: gave up'),800);import('/module?left=3').then(()=>clearTimeout(t))},1000)`,
      );
    });
  });

  describe('what never ends is bounded by rule', () => {
    it.each([
      ['a long poll', `fetch('/slow?ms=60000');fetch('/slow?ms=50').then(()=>add('DONE'))`],
      ['an image that never comes', `fetch('/slow?ms=50').then(()=>add('DONE'));new Image().src='/slow?ms=60000'`],
      ['polling', `add('DONE');setInterval(()=>fetch('/slow?ms=20'),200)`],
      ['polling against caches', `add('DONE');let n=0;(function f(){fetch('/slow?ms=5&_='+n++).then(f)})()`],
      ['an event stream', `add('DONE');new EventSource('/events')`],
      ['a silent socket', `add('DONE');${socket('')}`],
      ['a silent worker', `add('DONE');${worker('0')}`],
      [
        'a worker that ticks by itself',
        `const w=${worker('(function tick(){postMessage(1);setTimeout(tick,100)})()')};let n=0;w.onmessage=()=>n++||add('DONE')`,
      ],
      [
        'a worker that sleeps and works in turn',
        `const w=${worker('(async()=>{for(;;){postMessage(1);await new Promise(f=>setTimeout(f,100))}})()')};let n=0;w.onmessage=()=>n++||add('DONE')`,
      ],
      [
        'a worker that works without end once it has answered',
        `const w=${worker('postMessage(1);for(;;);')};w.onmessage=()=>add('DONE')`,
      ],
      ['timers without delay', `add('DONE');(function f(){setTimeout(f)})()`],
      ['frames', `add('DONE');(function f(){requestAnimationFrame(f)})()`],
      [
        'a task at each frame, and a frame at each task',
        `add('DONE');(function f(){scheduler.postTask(()=>requestAnimationFrame(f),{priority:'user-blocking'})})()`,
      ],
      [
        'text by a message at each frame',
        `add('DONE');const b=document.createElement('b');document.body.append(b);const c=new MessageChannel();let n=0;const f=()=>c.port2.postMessage(0);
         c.port1.onmessage=()=>{b.textContent=++n;requestAnimationFrame(f)};f()`,
      ],
      [
        'an observer of sight that begins anew at each frame',
        `add('DONE');new IntersectionObserver((_,o)=>{o.unobserve(document.body);o.observe(document.body)}).observe(document.body)`,
      ],
      [
        'an observer of sizes that begins anew at each frame',
        `add('DONE');new ResizeObserver((_,o)=>{o.unobserve(document.body);o.observe(document.body)}).observe(document.body)`,
      ],
      ['idle callbacks', `add('DONE');(function f(){requestIdleCallback(f)})()`],
      [
        'an endless animation',
        `add('DONE');document.body.animate([{opacity:0},{opacity:1}],{duration:500,iterations:Infinity})`,
      ],
      ['growth', `add('DONE');setInterval(()=>add('more'),10)`],
      [
        'a ticking clock',
        `add('DONE');const b=document.createElement('b');document.body.append(b);setInterval(()=>b.textContent=Date.now(),1000)`,
      ],
      [
        'messages to itself',
        `fetch('/slow?ms=20').then(()=>add('DONE'));const c=new MessageChannel();c.port1.onmessage=()=>c.port2.postMessage(0);c.port2.postMessage(0)`,
      ],
      ['reloading', `add('DONE');setTimeout(()=>location.reload(),200)`],
      [
        'a permission that nobody gives',
        `add('DONE');navigator.geolocation.getCurrentPosition(()=>{},()=>{});Notification.requestPermission()`,
      ],
      ['a service worker that nobody registers', `add('DONE');navigator.serviceWorker.ready.then(()=>{})`],
      ['a dialog', `alert(1);add(confirm('x')?'WRONG':'DONE')`],
      [
        'a form sent by script',
        `add('DONE');const f=document.createElement('form');f.method='post';document.body.append(f);f.submit()`,
      ],
    ])('%s', async (_, script) => {
      const { ms } = await completes(script);
      expect(ms).toBeLessThan(4_000);
    });

    it.each([
      ['a handler made for each', '(function f(){setTimeout(()=>f(),50)})()'],
      ['one handler', '(function f(){setTimeout(f,50)})()'],
    ])('timers without end in a worker that never says anything cost no patience: %s', async (_, loop) => {
      const page = site.page(`add('DONE');add('text '.repeat(100));${worker(loop)}`);
      const { stoppedBy, ms } = await tab.render(page, 20_000, { horizonMs: 5_000, longRequestMs: 10_000, quietMs: 0 });
      expect(stoppedBy).toBe('settled');
      expect(ms).toBeLessThan(5_000);
    });

    it('an endless script ends with the limit, and costs its tab', async () => {
      const lost = await openTab(browser);
      const { stoppedBy } = await lost.render(site.page('while(1);'), 1_000);
      expect(stoppedBy).toBe('timeout');
    });

    it('a page that shows nothing is waited for longer than one that does', async () => {
      await completes(`fetch('/slow?ms=1500').then(()=>add('DONE'))`);
      await completes(`fetch('/slow?ms=1500').then(()=>{document.querySelector('i').remove();add('DONE')})`, {
        body: '<i>Loading…</i>',
      });
    });
  });

  describe('the page may say when it is done', () => {
    it('by prerenderReady: false holds it, true ends the wait at once', async () => {
      const { html, stoppedBy } = await render(
        `window.prerenderReady=false;fetch('/slow?ms=60000');fetch('/slow?ms=1500').then(()=>{add('DONE');window.prerenderReady=true})`,
      );
      expect(stoppedBy).toBe('ready-signal');
      expect(html).toContain('DONE');
    });

    it('by prerenderReady alone: true ends the wait though nothing had held it', async () => {
      const { html, stoppedBy, ms } = await render(
        `fetch('/slow?ms=60000');fetch('/slow?ms=100').then(()=>{add('DONE');window.prerenderReady=true})`,
      );
      expect(stoppedBy).toBe('ready-signal');
      expect(html).toContain('DONE');
      expect(ms).toBeLessThan(800);
    });

    it('far beyond the horizon', async () => {
      const { stoppedBy, ms } = await render(
        `window.prerenderReady=false;setTimeout(()=>{window.prerenderReady=true},9000)`,
      );
      expect(stoppedBy).toBe('ready-signal');
      expect(ms).toBeLessThan(3_000);
    });

    it('and what it drew in the same breath belongs to it', async () => {
      const { html } = await render(
        `window.prerenderReady=false;const c=new MessageChannel();c.port1.onmessage=()=>add('DONE');setTimeout(()=>{window.prerenderReady=true;c.port2.postMessage(0)},50)`,
      );
      expect(html).toContain('<p>DONE</p>');
    });

    it.each([
      ['the event', `document.dispatchEvent(new Event('render-complete',{bubbles:true}))`],
      ['the flag', `window.renderComplete=true`],
    ])("by %s of Rendertron's", async (_, signal) => {
      const { stoppedBy } = await render(`fetch('/slow?ms=60000');setTimeout(()=>{add('DONE');${signal}},100)`);
      expect(stoppedBy).toBe('ready-signal');
    });

    it('and what is no such sign does not end the wait', async () => {
      await completes(
        `window.prerenderReady='true';window.renderComplete='yes';fetch('/slow?ms=300').then(()=>add('DONE'))`,
      );
    });
  });

  describe('a page that goes elsewhere', () => {
    it.each([
      ['by script', `location.replace('/elsewhere')`],
      ['by script, later', `setTimeout(()=>{location.href='/elsewhere'},2000)`],
      ['by a link', `const a=document.createElement('a');a.href='/elsewhere';document.body.append(a);a.click()`],
    ])('%s is a redirect', async (_, script) => {
      expect(await render(script)).toMatchObject({ stoppedBy: 'redirect', redirectTo: `${site.origin}/elsewhere` });
    });

    it.each([0, 3])('by meta refresh after %i seconds is a redirect', async (seconds) => {
      const head = `<meta http-equiv="refresh" content="${seconds};url=/elsewhere">`;
      expect(await render('', { head })).toMatchObject({
        stoppedBy: 'redirect',
        redirectTo: `${site.origin}/elsewhere`,
      });
    });

    it.each([
      ['its path, by the history,', `history.replaceState(0,'','/elsewhere')`],
      ['its query', `history.replaceState(0,'','?a=1')`],
      ['its fragment', `location.hash='x'`],
      ['nothing, in an hour', ``, '<meta http-equiv="refresh" content="3600;url=/elsewhere">'],
    ])('but that changes %s only is a page', async (_, script, head = '') => {
      expect(await render(`${script};add('DONE')`, { head })).toMatchObject({ stoppedBy: 'settled' });
    });

    it('may load itself anew once', async () => {
      const { html } = await render(
        `if(sessionStorage.again)add('DONE');else{sessionStorage.again=1;location.reload()}`,
      );
      expect(html).toContain('<p>DONE</p>');
    });
  });

  describe('the page does not see it', () => {
    it('functions look native, and nothing is left on the window', async () => {
      await completes(
        `const native=f=>/\\[native code\\]/.test(Function.prototype.toString.call(f));
         const all=[setTimeout,fetch,Date,requestAnimationFrame,Worker,XMLHttpRequest.prototype.send,performance.now];
         const odd=Object.getOwnPropertyNames(window).filter(name=>/^p[0-9a-f]{32}$/.test(name));
         add(all.every(native)&&odd.length===0?'DONE':'WRONG '+odd)`,
      );
    });

    it('libraries that put their own functions over timers and promises work on top of it', async () => {
      await completes(
        `const set=setTimeout;window.setTimeout=function(f,...a){return set.call(window,function(){f.apply(this,arguments)},...a)};
         const then=Promise.prototype.then;Promise.prototype.then=function(a,b){return then.call(this,a&&(v=>a(v)),b&&(e=>b(e)))};
         fetch('/slow?ms=100').then(()=>setTimeout(()=>add('DONE'),1500))`,
      );
    });
  });

  describe('a page that breaks what we build upon', () => {
    const poll = `fetch('/slow?ms=60000');fetch('/slow?ms=50').then(()=>add('DONE'))`;
    const clobbering = (name: string) =>
      `<form name="${name}"><input name="querySelectorAll"><input name="innerText"></form>`;

    /** From now on every method of these objects throws. Done without any of them, since they break on the way. */
    const breaking = (owners: string) => `
      const {defineProperty,getOwnPropertyDescriptor}=Object,{ownKeys}=Reflect,owners=[${owners}],broken={value(){throw new Error('broken')}};
      for(let i=0;i<owners.length;i++){const names=ownKeys(owners[i]);for(let j=0;j<names.length;j++){
        const at=getOwnPropertyDescriptor(owners[i],names[j]);
        if(names[j]!=='constructor'&&typeof at.value==='function'&&at.configurable)defineProperty(owners[i],names[j],broken)}}`;

    it.each([
      ['arrays that write themselves', `Array.prototype.toJSON=()=>'[]';${poll}`, ''],
      ['objects that write themselves', `Object.prototype.toJSON=()=>null;${poll}`, ''],
      ['strings that write themselves', `String.prototype.toJSON=()=>({});${poll}`, ''],
      ['another JSON.stringify', `JSON.stringify=()=>'{';${poll}`, ''],
      ['a form that hides the body', poll, clobbering('body')],
      [
        'forms that hide what the document says of itself',
        poll,
        ['readyState', 'fonts', 'documentElement'].map(clobbering).join(''),
      ],
      [
        'a document that does not tell how it stands',
        `const broken={configurable:true,get(){throw new Error('broken')}};
         for(const at of [document,Document.prototype])for(const name of ['readyState','fonts','documentElement','timeline'])Object.defineProperty(at,name,broken);
         Object.defineProperty(FontFaceSet.prototype,'status',broken);
         requestAnimationFrame(()=>setTimeout(()=>add('DONE'),3000))`,
        '',
      ],
      ['arrays without working methods', `${breaking('Array.prototype')};${poll}`, ''],
      [
        'maps and sets without working methods',
        `${breaking('Map.prototype,Set.prototype,WeakMap.prototype')};${poll}`,
        '',
      ],
      ['iterators that throw', `${breaking('[].values().__proto__,new Map().keys().__proto__')};${poll}`, ''],
      ['no arithmetic', `${breaking('Math')};setTimeout(()=>add('DONE'),3000)`, ''],
      [
        'nearly everything',
        `fetch('/slow?ms=50').then(()=>setTimeout(()=>add('DONE'),3000));${breaking(
          'Array.prototype,Map.prototype,Set.prototype,WeakMap.prototype,WeakRef.prototype,Promise.prototype,String.prototype,RegExp.prototype,Function.prototype,EventTarget.prototype,Object,Reflect,JSON,Math',
        )}`,
        '',
      ],
    ])('settles: %s', async (_, script, body) => {
      await completes(script, { body });
      await completes(`add('DONE')`);
    });

    it('may still say when it is done', async () => {
      const { stoppedBy } = await render(
        `JSON.stringify=()=>'{';Object.prototype.toJSON=()=>null;
         window.prerenderReady=false;setTimeout(()=>{window.prerenderReady=true},100)`,
      );
      expect(stoppedBy).toBe('ready-signal');
    });

    it('fails alone when its looks cannot be made out', async () => {
      const broken = `Object.defineProperty(HTMLElement,Symbol.hasInstance,{value(){throw new Error('broken')}})`;
      await expect(render(`${broken};${poll}`)).rejects.toMatchObject({ code: 'crash' });
      await completes(`add('DONE')`);
    });
  });

  describe('what once was called done too early, or waited for in vain', () => {
    it.each([
      [
        'eight polls a second apart, while the page says that it is loading',
        `let n=0;(async function f(){(await fetch('/slow?ms=5')).text();++n==8?add('DONE'):setTimeout(f,1000)})()`,
        { body: '<p>Loading</p>' },
      ],
      ['a lock', `navigator.locks.request('a',()=>navigator.locks.request('b',()=>add('DONE')))`],
      [
        'an observer of sizes that changes them',
        `let n=0;const d=document.createElement('div');document.body.append(d);
         new ResizeObserver(()=>{++n<6?d.style.height=n*10+'px':n==6&&add('DONE')}).observe(d)`,
      ],
      [
        'what has been painted first',
        `add('text');new PerformanceObserver(()=>add('DONE')).observe({type:'paint',buffered:true})`,
      ],
      [
        'what is the largest of all that has been painted',
        `add('some text');new PerformanceObserver(()=>fetch('/slow?ms=50').then(()=>add('DONE'))).observe({type:'largest-contentful-paint'})`,
      ],
      [
        'a second of work in idle moments, while the page says that it is loading',
        `let spent=0;requestIdleCallback(function f(d){const from=performance.now();
         while(d.timeRemaining()>0&&performance.now()-from<40);spent+=performance.now()-from;
         spent<1000?requestIdleCallback(f):add('DONE')})`,
        { body: '<p>Loading</p>' },
      ],
      [
        'a stream of lines, one every two hundred milliseconds',
        `(async()=>{const r=(await fetch('/lines')).body.getReader();while(!(await r.read()).done);add('DONE')})()`,
      ],
    ] as const)('%s', async (_, script, parts?: Parts) => {
      await completes(script, parts);
    });

    it('what a page without any text shows by its own clock, while a request of its is never answered', async () => {
      const { ms } = await completes(
        `Promise.race([fetch('/slow?ms=60000'),new Promise(r=>setTimeout(r,1500))]).then(()=>add('DONE'))`,
      );
      expect(ms).toBeLessThan(4_000);
    });

    it('a style sheet that never comes, which keeps the page from being shown', async () => {
      const sheet = '<link rel="stylesheet" href="/slow?ms=60000">';
      const { html, stoppedBy } = await render('', { head: sheet, body: '<p>there</p>' });
      expect([stoppedBy, html.includes('<p>there</p>')]).toEqual(['settled', true]);
    });

    it('frames of a tab behind others, as in full Chromium', async () => {
      const behind = await openTab(browser);
      await openTab(browser);
      const script = `requestAnimationFrame(()=>add(document.hidden||!document.hasFocus()?'WRONG':'DONE'))`;
      const { html } = await behind.render(site.page(script));
      expect(html).toContain('<p>DONE</p>');
    });

    it('an answer whose body nobody reads holds up nothing', async () => {
      const { ms } = await completes(`fetch('/slow?ms=20').then(()=>setTimeout(()=>add('DONE'),1000))`);
      expect(ms).toBeLessThan(700);
    });

    it('an answer that is read later is waited for', async () => {
      await completes(`fetch('/chunks').then(r=>setTimeout(()=>r.text().then(()=>add('DONE')),500))`);
    });
  });

  describe('a page that must have been quiet for a while', () => {
    const withQuiet = (script: string, quietMs: number, limitMs?: number) => {
      return tab.render(site.page(script), limitMs, { horizonMs: 5_000, longRequestMs: 800, quietMs });
    };
    const pushed = `add('now');const w=${socket('gaps=50,700')};let n=0;w.onmessage=()=>{if(++n==2)add('DONE')}`;

    it('shows what a server sends within that time', async () => {
      const { html, stoppedBy, ms } = await withQuiet(pushed, 1_000);
      expect(html).toContain('<p>DONE</p>');
      expect(stoppedBy).toBe('settled');
      expect(ms).toBeGreaterThan(1_750);
    });

    it('is shown what it draws by itself after that, too', async () => {
      const script = pushed.replace(`add('DONE')`, `setTimeout(()=>fetch('/slow?ms=50').then(()=>add('DONE')),300)`);
      expect((await withQuiet(script, 1_000)).html).toContain('<p>DONE</p>');
    });

    it('is quiet in real time, however far its clock is moved', async () => {
      const { ms, skippedMs } = await withQuiet(`setTimeout(()=>add('DONE'),100);setTimeout(()=>0,4000)`, 600);
      expect(skippedMs).toBeGreaterThan(3_500);
      expect(ms).toBeGreaterThan(600);
      expect(ms).toBeLessThan(2_000);
    });

    it('ends where it never is, and before its limit', async () => {
      const beats = worker('setInterval(()=>postMessage(1),100)');
      const restless = await withQuiet(`${beats}.onmessage=()=>add('beat')`, 500);
      expect(restless).toMatchObject({ stoppedBy: 'settled' });
      const { stoppedBy, ms } = await withQuiet(`add('DONE')`, 60_000, 2_000);
      expect(stoppedBy).toBe('settled');
      expect(ms).toBeLessThan(2_000);
    });
  });

  describe('one tab, many pages', () => {
    it('nothing of one page reaches the next', async () => {
      await render(
        `window.prerenderReady=false;fetch('/slow?ms=60000');setInterval(()=>fetch('/slow?ms=1'),50);setTimeout(()=>{window.prerenderReady=true},300)`,
      );
      const { skippedMs, pending, ms } = await completes(`add('DONE')`);
      expect({ skippedMs, pending }).toEqual({ skippedMs: 0, pending: [] });
      expect(ms).toBeLessThan(1_500);
    });

    it('not even where the one before wanted to go', async () => {
      const leaving = site.page(`location.href='/slow?ms=30'`);
      for (let round = 0; round < 5; round++) {
        expect(await tab.render(leaving)).toMatchObject({
          stoppedBy: 'redirect',
          redirectTo: `${site.origin}/slow?ms=30`,
        });
        await completes(`history.replaceState(0,'','?a=1');add('DONE')`);
      }
    });

    it('a page that is given up ends its wait', async () => {
      const given = new AbortController();
      tab.settler.begin(site.origin);
      const waited = tab.settler.settled(10_000, given.signal);
      given.abort();
      await expect(waited).rejects.toMatchObject({ code: 'aborted' });
      tab.settler.end();
    });

    it('a renderer that dies ends the wait', async () => {
      const lost = await openTab(browser);
      lost.settler.begin(site.origin);
      const waited = lost.settler.settled(10_000, new AbortController().signal);
      lost.session.send('Page.crash').catch(() => {});
      await expect(waited).rejects.toMatchObject({ code: 'crash' });
    });

    it('starved pages are not taken for quiet ones: eight at once are all complete', async () => {
      const url = site.page(
        `fetch('/slow?ms=60').then(r=>r.json()).then(()=>setTimeout(()=>import('/module?left=3'),300));const t=performance.now();while(performance.now()-t<80);`,
      );
      const tabs = await Promise.all(Array.from({ length: 8 }, () => openTab(browser)));
      for (let round = 0; round < 2; round++) {
        const rendered = await Promise.all(tabs.map((one) => one.render(url)));
        for (const { html } of rendered) expect(html).toContain('<p>DONE</p>');
      }
    });
  });
}
