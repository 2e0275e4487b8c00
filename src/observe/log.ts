import { pino } from 'pino';
import type { AnswerEvent, PrefaceEvent, Report } from '../events.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface LogSettings {
  readonly level: LogLevel;
  /** `pretty` for people at a terminal, `json` for machines: one object a line. */
  readonly format: 'json' | 'pretty';
}

export interface EventLog {
  readonly report: Report;
  /** Writes out what is still in memory. */
  flush(): void;
}

/** Writes events to standard output. Lines are gathered and written together, off the way of the answers. */
export function createEventLog({ level, format }: LogSettings): EventLog {
  const destination =
    format === 'pretty'
      ? pino.transport({
          target: 'pino-pretty',
          options: { colorize: wantsColour(), ignore: 'pid,hostname', translateTime: 'HH:MM:ss' },
        })
      : pino.destination({ dest: 1, sync: false, minLength: 8192, periodicFlush: 500 });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    report(event) {
      const severity = severityOf(event);
      if (logger.isLevelEnabled(severity)) logger[severity](fieldsOf(event), messageFor(event));
    },
    flush() {
      // Nothing is open yet when the process ends at once; there is nothing to lose then.
      try {
        destination.flushSync?.();
      } catch {}
    },
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

function answerFields(event: AnswerEvent): object {
  const [path = '', query] = event.target.split('?', 2);
  return {
    request_id: event.requestId,
    trace_id: event.traceId,
    method: event.method,
    host: event.host,
    path: query === undefined ? path : `${path}?${withoutSecrets(query)}`,
    status: event.status,
    bot: event.reader.name,
    class: event.reader.class,
    verified: event.verified,
    cache: event.outcome,
    reason: event.because,
    bytes: event.bytes,
    ms: rounded(event.durationMs),
    render_ms: rounded(event.renderMs),
    queue_ms: rounded(event.queueMs),
  };
}

const rounded = (ms: number | undefined) => (ms === undefined ? undefined : Math.round(ms * 100) / 100);

const secretName =
  /(^|&)([^=&]*(?:token|secret|password|passwd|signature|api[-_]?key|session|auth|code)[^=&]*)=[^&]*/gi;

/** Values that let their finder in do not belong into a log. */
export function withoutSecrets(query: string): string {
  return query.replace(secretName, '$1$2=***');
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
