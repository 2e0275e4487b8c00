import { systemClock } from '../clock.ts';
import { type AskAdmin, createAdminApi } from './admin-api.ts';
import { type Command, exitCodes, Failure, type Terminal, UsageError } from './command.ts';
import { adminOptions, configFor, configOption } from './config-options.ts';
import { createProgressNotes, type JobProgress, lastWord } from './warm-progress.ts';

const options = {
  sitemap: { type: 'string', value: 'URL', help: 'the pages of this sitemap: its URL, or its path on every site' },
  ...configOption,
  ...adminOptions,
} as const;

export const warm: Command = {
  name: 'warm',
  summary: 'fill the cache of a running proxy, behind its readers',
  usage: '[URL...] [options]',
  options,
  words: { min: 0, max: Number.POSITIVE_INFINITY },
  examples: [
    'preface warm                                 # the sitemap of the configuration',
    'preface warm --sitemap /sitemap.xml',
    'preface warm / /products/7 --admin-port 9091',
  ],

  async run(invocation) {
    const { values, positionals, terminal } = invocation;
    const order = orderOf(values.sitemap, positionals);
    const { config } = await configFor(invocation, options);
    const ask = createAdminApi(config.admin);
    const { job } = (await ask('POST', '/api/warm', order)) as { job: string };
    const end = await watch(ask, job, terminal);
    terminal.write(`${lastWord(end)}\n`);
    for (const { url, because } of [...end.unread, ...end.failures]) terminal.note(`preface: ${url}: ${because}\n`);
    const isGood = end.state === 'done' && end.failed === 0 && end.unread.length === 0;
    return isGood ? exitCodes.good : exitCodes.failed;
  },
};

function orderOf(sitemap: string | boolean | undefined, urls: readonly string[]): object {
  if (typeof sitemap !== 'string') return urls.length === 0 ? {} : { urls };
  if (urls.length > 0) throw new UsageError('give URLs or --sitemap URL, not both');
  return { sitemap };
}

const pollMs = 500;

/** Tells how a job gets on until it has ended. Ctrl+C stops the job; pressed again, it leaves the job alone and ends this process. */
async function watch(ask: AskAdmin, job: string, terminal: Terminal): Promise<JobProgress> {
  const path = `/api/jobs/${job}`;
  const notes = createProgressNotes(terminal);
  const stop = () => void ask('DELETE', path).catch(() => {});
  process.once('SIGINT', stop);
  try {
    for (;;) {
      const progress = (await ask('GET', path)) as JobProgress;
      if (progress.state === 'done' || progress.state === 'stopped') return progress;
      notes.tell(progress);
      await systemClock.sleep(pollMs);
    }
  } catch (cause) {
    throw new Failure(`lost sight of the warm-up: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  } finally {
    notes.end();
    process.off('SIGINT', stop);
  }
}
