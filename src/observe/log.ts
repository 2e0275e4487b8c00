import { pino } from 'pino';
import type { PrefaceEvent, Report } from '../events.ts';
import { answerFields, answerLine } from './answer-line.ts';
import { createLineWriter, standardOutput } from './line-writer.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LogSettings {
  readonly level: LogLevel;
  /** `pretty` for people at a terminal, `json` for machines: one object a line. */
  readonly format: 'json' | 'pretty';
}

export interface EventLog {
  readonly report: Report;
  /** Resolves when what is still in memory has been written, as far as that is possible within a second. */
  close(): Promise<void>;
}

/** Writes events to standard output. Lines are gathered and written together, off the way of the answers. */
export function createEventLog({ level, format }: LogSettings): EventLog {
  const lines = format === 'json' ? createLineWriter(standardOutput(), tellOperator) : undefined;
  const pretty = lines === undefined ? prettyTerminal() : undefined;
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, lines ?? pretty);
  const time = createTimeText();
  return {
    report(event) {
      const severity = severityOf(event);
      if (!logger.isLevelEnabled(severity)) return;
      if (event.type === 'answer' && lines !== undefined)
        lines.write(answerLine(event, logger.levels.values[severity] ?? 0, time()));
      else logger[severity](fieldsOf(event), messageFor(event));
    },
    async close() {
      await lines?.close();
      // Nothing is open yet when the process ends at once; there is nothing to lose then.
      try {
        pretty?.flushSync();
      } catch {}
    },
  };
}

const tellOperator = (text: string) => void process.stderr.write(`preface: ${text}\n`);

function prettyTerminal() {
  const options = { colorize: wantsColour(), ignore: 'pid,hostname', translateTime: 'HH:MM:ss' };
  return pino.transport({ target: 'pino-pretty', options });
}

/** Now, as it stands in the log; made anew once a millisecond. */
function createTimeText(): () => string {
  let madeAt = Number.NaN;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== madeAt) {
      madeAt = now;
      text = new Date(now).toISOString();
    }
    return text;
  };
}

function wantsColour(): boolean {
  if (process.env.NO_COLOR) return false;
  return Boolean(process.env.FORCE_COLOR) || process.stdout.isTTY === true;
}

/** How loud an event is. */
export function severityOf(event: PrefaceEvent): 'error' | 'warn' | 'info' | 'debug' {
  switch (event.type) {
    case 'answer':
      return event.status >= 500 ? 'warn' : 'info';
    case 'error':
    case 'browser.failed':
      return 'error';
    case 'warning':
    case 'render.failed':
    case 'render.incomplete':
    case 'cache.failed':
      return 'warn';
    case 'browser.started':
    case 'browser.stopped':
    case 'cache.purged':
    case 'deploy':
      return 'info';
    default:
      return 'debug';
  }
}

function fieldsOf(event: PrefaceEvent): object {
  if (event.type === 'answer') return answerFields(event);
  if (event.type === 'error') return event.cause instanceof Error ? { err: event.cause } : { cause: event.cause };
  const { type, ...fields } = event;
  return { event: type, ...fields };
}

function messageFor(event: PrefaceEvent): string {
  switch (event.type) {
    case 'answer':
      return 'answer';
    case 'warning':
    case 'error':
      return event.message;
    case 'browser.started':
      return `browser ready: ${event.version} in ${Math.round(event.ms)} ms`;
    case 'browser.stopped':
      return `browser stopped: ${event.reason}`;
    case 'browser.failed':
      return `browser failed: ${event.message}`;
    case 'render.failed':
      return `render failed (${event.code}): ${event.message}`;
    default:
      return event.type;
  }
}
