import type { AnswerEvent } from '../events.ts';

/** What the log has of an answer; times are milliseconds with at most two decimals. */
export function answerFields(event: AnswerEvent): object {
  return {
    request_id: event.requestId,
    trace_id: event.traceId,
    method: event.method,
    host: event.host,
    path: pathOf(event.target),
    status: event.status,
    bot: event.reader.name,
    class: event.reader.class,
    verified: event.verified,
    cache: event.outcome,
    reason: event.because,
    bytes: event.bytes,
    ms: rounded(event.durationMs),
    render_ms: event.renderMs === undefined ? undefined : rounded(event.renderMs),
    queue_ms: event.queueMs === undefined ? undefined : rounded(event.queueMs),
  };
}

/** The same as a line of the JSON log, with its line break: there is one for every request, and a general writer takes as long as all the rest. */
export function answerLine(event: AnswerEvent, level: number, time: string): string {
  const { verified, because, renderMs, queueMs } = event;
  const { name } = event.reader;
  let line = `{"level":${level},"time":"${time}","request_id":${quoted(event.requestId)}`;
  if (event.traceId !== undefined) line += `,"trace_id":${quoted(event.traceId)}`;
  line += `,"method":${quoted(event.method)},"host":${quoted(event.host)},"path":${quoted(pathOf(event.target))}`;
  line += `,"status":${event.status}`;
  if (name !== undefined) line += `,"bot":${quoted(name)}`;
  line += `,"class":"${event.reader.class}"`;
  if (verified !== undefined) line += `,"verified":"${verified}"`;
  line += `,"cache":"${event.outcome}"`;
  if (because !== undefined) line += `,"reason":${quoted(because)}`;
  line += `,"bytes":${event.bytes},"ms":${rounded(event.durationMs)}`;
  if (renderMs !== undefined) line += `,"render_ms":${rounded(renderMs)}`;
  if (queueMs !== undefined) line += `,"queue_ms":${rounded(queueMs)}`;
  return `${line},"msg":"answer"}\n`;
}

const rounded = (ms: number) => Math.round(ms * 100) / 100;

/** What needs no escape in JSON, beyond doubt. */
const plain = /^[ !#-[\]-~]*$/;
/** JSON lets them stand as they are, and terminals and editors take orders from them. */
const unruly = /[\u007f-\u009f\u2028\u2029]/g;

function quoted(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(unruly, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function pathOf(target: string): string {
  const at = target.indexOf('?');
  return at === -1 ? target : `${target.slice(0, at)}?${withoutSecrets(target.slice(at + 1))}`;
}

const secretWord = /token|secret|password|passwd|signature|api[-_]?key|session|auth|code/i;

/** Values that let their finder in do not belong into a log. */
export function withoutSecrets(query: string): string {
  if (!secretWord.test(query)) return query;
  return query.split('&').map(withoutSecret).join('&');
}

function withoutSecret(pair: string): string {
  const at = pair.indexOf('=');
  return at !== -1 && secretWord.test(pair.slice(0, at)) ? `${pair.slice(0, at)}=***` : pair;
}
