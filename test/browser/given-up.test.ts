import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Variant } from '../../src/page/variant.ts';
import type { AttachSettler } from '../../src/render/settling.ts';
import { attachLoadSettler } from '../fakes/load-settler.ts';
import { html, type Pages, type RenderFixture, renderFixture } from './render-fixture.ts';

const viewport = '<meta name="viewport" content="width=device-width">';

/** Every size that its window has had until a second is over. */
const sizes = `<pre id="sizes"></pre><script>
window.done = false;
const seen = [];
const note = () => {
  const size = innerWidth + 'x' + innerHeight;
  if (seen.at(-1) !== size) seen.push(size);
  document.getElementById('sizes').textContent = seen.join(' ');
};
note();
onresize = note;
setInterval(note, 5);
setTimeout(() => { window.done = true; }, 1000);
</script>`;

/** Is long in changing its window, and in being painted. */
const slow = `<div style="height:16000px;background:repeating-linear-gradient(red,blue 7px)">page</div>
<script>onresize = () => { const end = Date.now() + 300; while (Date.now() < end); };</script>`;

const pages: Pages = (request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end(html(request.url === '/slow' ? slow : sizes, viewport));
};

type Command = (method: string) => void;
let sent: Command | undefined;

/** Tells the test what the tab is sent. */
const attachListening: AttachSettler = (session, settings) => {
  const send = session.send.bind(session);
  Object.assign(session, {
    send(...command: Parameters<typeof send>) {
      const answer = send(...command);
      sent?.(command[0]);
      return answer;
    },
  });
  return attachLoadSettler(session, settings);
};

let fixture: RenderFixture;
beforeAll(async () => {
  fixture = await renderFixture(pages, { tabs: 1 }, attachListening);
  await fixture.engine.warm();
});
afterAll(() => fixture[Symbol.asyncDispose]());

/** Leaves when the command has been sent so many times. */
async function leaveAt(command: string, times: number, variant: Variant): Promise<void> {
  const leaver = new AbortController();
  let left = times;
  sent = (method) => {
    if (method === command) left -= 1;
    if (left === 0) leaver.abort();
  };
  const rendered = fixture.room.renderer.render({ ...fixture.job('/slow'), variant }, leaver.signal);
  await expect(rendered).rejects.toMatchObject({ code: 'aborted' });
  sent = undefined;
}

const whole = { width: 1500, height: 700, picture: { format: 'png', wholePage: true } } as const;
const screen = { width: 1500, picture: { format: 'png', wholePage: false } } as const;
const pdf = { width: 1500, picture: { format: 'pdf', wholePage: false } } as const;

it.each<[string, number, Variant, string | undefined]>([
  ['Emulation.setDeviceMetricsOverride', 1, { width: 1500 }, 'unfinished preparation'],
  ['Page.navigate', 1, { width: 1500 }, undefined],
  ['Page.createIsolatedWorld', 1, { width: 1500 }, 'unfinished writing down'],
  ['Runtime.callFunctionOn', 1, { width: 1500 }, 'unfinished writing down'],
  ['Emulation.setDeviceMetricsOverride', 2, whole, 'unfinished picture'],
  ['Page.getLayoutMetrics', 1, whole, 'unfinished picture'],
  ['Page.captureScreenshot', 1, whole, 'unfinished picture'],
  ['Page.captureScreenshot', 1, screen, 'unfinished picture'],
  ['Page.printToPDF', 1, pdf, 'unfinished picture'],
])('an order that is given up at %s (%i) with %o has no part in the page after it', async (...moment) => {
  const [command, times, variant, reason] = moment;
  const before = fixture.events.length;
  await leaveAt(command, times, variant);
  const { html: next } = await fixture.render('/');
  expect(/<pre id="sizes">([^<]*)/.exec(next)?.[1]).toBe('1280x4000');
  const events = fixture.events.slice(before);
  const retired = events.flatMap((event) => (event.type === 'tab.retired' ? [event.reason] : []));
  expect(retired).toEqual(reason === undefined ? [] : [reason]);
});
