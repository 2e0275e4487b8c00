import { randomBytes } from 'node:crypto';

/** What ties the lines of one request together, here and in the application's own logs. */
export interface RequestIds {
  readonly requestId: string;
  /** W3C Trace Context, level 1. */
  readonly traceparent: string;
}

const start = randomBytes(8).toString('hex');
let count = 0;

const acceptable = /^[\w.:@/+=-]{1,128}$/;
const traceFormat = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}/;

/** The client's own ids where they are well-formed, else new ones: unique, and cheap, since every request gets them. */
export function requestIds(requestId: unknown, traceparent: unknown): RequestIds {
  count += 1;
  const serial = count.toString(16).padStart(16, '0');
  return {
    requestId:
      typeof requestId === 'string' && acceptable.test(requestId) ? requestId : `${start}-${count.toString(36)}`,
    traceparent:
      typeof traceparent === 'string' && traceFormat.test(traceparent)
        ? traceparent
        : `00-${start}${serial}-${serial}-00`,
  };
}

/** The trace's id alone, for log lines. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);
