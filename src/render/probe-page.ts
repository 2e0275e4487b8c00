import type { Clock } from '../clock.ts';
import { RenderError } from '../errors.ts';
import { unless, within } from './deadline.ts';
import type { Tabs } from './tabs.ts';

/** A page without network: what fails here is Chromium's fault or ours. */
const page = 'data:text/html,<title>probe</title><script>document.title=[1,2,3].join("+")</script>';
const rendered = '1+2+3';
const title = `new Promise((resolve) => {
  const tell = () => resolve(document.title);
  document.readyState === 'complete' ? tell() : addEventListener('load', tell);
})`;

/** Renders a tiny page in one of the tabs. Rejects when that does not work within the limit, be it for want of a free tab. */
export async function probePage(tabs: Tabs, clock: Clock, limitMs: number): Promise<void> {
  const over = new AbortController();
  const cancel = clock.after(limitMs, () => over.abort(new RenderError('timeout', `no probe within ${limitMs} ms`)));
  try {
    const { tab, release } = await tabs.lease({ device: 'desktop', site: '' }, over.signal);
    let anomaly: string | undefined = 'failed a probe';
    try {
      const step = <T>(work: Promise<T>) => unless(tab.dead, within(clock, limitMs, 'a probe render', work));
      await step(tab.session.send('Page.navigate', { url: page }));
      const { result } = await step(tab.session.send('Runtime.evaluate', { expression: title, awaitPromise: true }));
      if (result.value !== rendered) throw new RenderError('crash', `a probe page said ${String(result.value)}`);
      anomaly = undefined;
    } finally {
      release(anomaly);
    }
  } finally {
    cancel();
  }
}
