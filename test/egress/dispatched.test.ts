import { dispatched } from '../../src/egress/dispatched.ts';
import { createUpstreams } from '../../src/egress/upstreams.ts';
import { describeHttpClient } from '../contract/http-client.ts';

const limits = { connectMs: 2_000, headersMs: 5_000, idleMs: 5_000 };

describeHttpClient('undici', (originUrl) => {
  const upstreams = createUpstreams(limits, []);
  return { client: dispatched(upstreams.toSite(originUrl)), [Symbol.asyncDispose]: () => upstreams.close() };
});
