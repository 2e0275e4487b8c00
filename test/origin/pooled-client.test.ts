import { systemClock } from '../../src/clock.ts';
import { createPooledClient } from '../../src/origin/pooled-client.ts';
import { describeHttpClient } from '../contract/http-client.ts';

const limits = { connectMs: 2_000, headersMs: 5_000, idleMs: 5_000 };

describeHttpClient('the pooled client', (originUrl) => {
  const client = createPooledClient({ originUrl, ...limits }, systemClock);
  return { client, [Symbol.asyncDispose]: async () => client.close() };
});
