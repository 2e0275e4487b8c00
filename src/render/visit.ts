import type { CDPSession } from 'puppeteer';
import type { Clock } from '../clock.ts';
import { RenderError } from '../errors.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { Snapshot } from '../page/snapshot.ts';
import { unless } from './deadline.ts';
import type { DeviceSettings, Metrics } from './device.ts';
import { type DocumentAnswer, type DocumentWatch, isHtml, isRedirect, noDocument } from './document-answer.ts';
import type { SerialiseOptions } from './page-signs.ts';
import { takePicture } from './picture.ts';
import { serialise } from './serialise.ts';
import type { SettleSettings } from './settling.ts';
import type { Tab } from './tab.ts';
import { openBooks, type VisitLimits } from './visit-books.ts';
import { snapshotOf, stagesOf } from './visit-snapshot.ts';

export interface VisitSettings extends SerialiseOptions, VisitLimits {
  /** Visible characters below which a 200 is an empty shell. */
  readonly minText: number;
  /** These two in place of the tab's own. */
  readonly device?: DeviceSettings | undefined;
  readonly settle?: SettleSettings | undefined;
}

export interface VisitDeadline {
  readonly signal: AbortSignal;
  leftMs(): number;
  /**
   * Told, with its name, of a step that the visit has ended in the midst of and that goes on in the tab: the page after this one could come under it,
   * whatever is wiped in between.
   */
  unfinished(step: string): void;
}

/**
 * Takes a clean tab through one page: navigate, settle, write down, judge. Ends at once when the signal is aborted, with its
 * reason. Whatever happens, the tab's exit is shut and nobody listens to its page any more when it returns; the tab itself
 * is the caller's to wipe or to end.
 */
export async function visit(
  tab: Tab,
  target: PageTarget,
  settings: VisitSettings,
  deadline: VisitDeadline,
  clock: Clock,
): Promise<Snapshot> {
  const renderedAt = clock.now();
  try {
    tab.settler.begin(target.url, settings.settle);
    const begun = Promise.all([
      tab.emulate(target.device, settings.device, settings.variant),
      tab.exit.mayKeepCaches(target.site) || tab.session.send('Network.clearBrowserCache'),
    ]);
    const [metrics] = await wholly(deadline, 'preparation', begun);
    return await renderPage(tab, metrics, target, settings, deadline, clock, renderedAt);
  } finally {
    tab.settler.end();
  }
}

async function renderPage(
  tab: Tab,
  metrics: Metrics,
  target: PageTarget,
  settings: VisitSettings,
  deadline: VisitDeadline,
  clock: Clock,
  renderedAt: number,
): Promise<Snapshot> {
  const { session, settler } = tab;
  const { signal, leftMs } = deadline;
  const books = openBooks(tab, target, settings);
  try {
    const first = await unless(signal, load(session, target.url, books.document));
    const navigatedAt = clock.now();
    if (!isRedirect(first) && !isHtml(first)) {
      throw new RenderError('not-html', `${target.url} is ${first.mimeType || 'of no known type'}`);
    }
    // A page is settled and written down; a redirect, the origin's or a navigation of the page's own, is followed by the reader.
    const outcome = isRedirect(first) ? undefined : await unless(signal, settler.settled(leftMs(), signal));
    const settledAt = clock.now();
    if (outcome?.stoppedBy === 'timeout') {
      throw new RenderError('timeout', `not settled: ${outcome.pending.slice(0, 3).join(', ') || target.url}`);
    }
    const stays = outcome !== undefined && outcome.redirectTo === undefined;
    const page = stays ? await wholly(deadline, 'writing down', serialise(session, tab.frameId, settings)) : undefined;
    const made = { target, minText: settings.minText, document: books.document.latest() ?? first, outcome, page };
    const stages = stagesOf(renderedAt, navigatedAt, settledAt, clock.now());
    const { picture: wish, height } = settings.variant ?? {};
    const frame = { device: target.device, metrics, height };
    // While what the page may still want for it can be had.
    const taken = wish && page && takePicture(session, wish, frame, signal, tab.frames);
    const picture = taken && (await wholly(deadline, 'picture', taken));
    const snapshot = snapshotOf(made, renderedAt, stages, books);
    return picture && snapshot.html !== '' ? { ...snapshot, picture } : snapshot;
  } finally {
    books.close();
  }
}

/** Waits for a step of several commands; a navigation and settling are put an end to by the wipe, these are not. */
async function wholly<T>({ signal, unfinished }: VisitDeadline, step: string, work: Promise<T>): Promise<T> {
  let isUnderWay = true;
  const ended = () => {
    isUnderWay = false;
  };
  work.then(ended, ended);
  try {
    return await unless(signal, work);
  } catch (cause) {
    if (isUnderWay) unfinished(step);
    throw cause;
  }
}

/** Starts the navigation; resolves with the head of the document's answer, and does not wait for the rest. */
async function load(session: CDPSession, url: string, document: DocumentWatch): Promise<DocumentAnswer> {
  const started = session.send('Page.navigate', { url, transitionType: 'typed' });
  const refused = started.then(({ errorText, isDownload }) => {
    // Answers without a document (204, a download) end as errors too, but they have been seen by then.
    if (errorText && document.latest() === undefined) throw noDocument(url, errorText);
    if (isDownload) throw new RenderError('not-html', `${url} is a download`);
    return document.first;
  });
  const first = await Promise.race([document.first, refused]);
  if (isRedirect(first)) return first;
  return refused;
}
