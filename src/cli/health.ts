import type { Config } from '../config/schema.ts';
import { messageOf } from '../errors.ts';
import { adminAccess } from './admin-api.ts';
import { type Command, exitCodes, Failure } from './command.ts';
import { adminOptions, configFor, configOption } from './config-options.ts';
import { httpAnswer } from './http-get.ts';

const options = { ...configOption, ...adminOptions } as const;

export const health: Command = {
  name: 'health',
  summary: 'ask a running proxy on this machine whether it is ready: exit code 0 or 1, for container health checks',
  usage: '[options]',
  options,
  words: { min: 0, max: 0 },
  examples: ['preface health', 'preface health --admin-port 9091', 'HEALTHCHECK CMD ["preface", "health"]'],

  async run(invocation) {
    const { config } = await configFor(invocation, options);
    invocation.terminal.write(`${await readiness(config)}\n`);
    return exitCodes.good;
  },
};

/** Resolves when the proxy says that it is ready; rejects with a `Failure` that says why it is not. */
export async function readiness({ admin }: Config, timeoutMs = 5000): Promise<'ready'> {
  const { url, headers } = adminAccess(admin);
  const answer = await httpAnswer(new URL('/readyz', url), timeoutMs, headers).catch((cause: unknown) => {
    throw new Failure(`not ready: nothing answers at ${url.origin}: ${messageOf(cause)}`);
  });
  if (answer.status === 200) return 'ready';
  throw new Failure(`not ready: ${reasonsIn(answer.body) ?? `${url.origin}/readyz answered ${answer.status}`}`);
}

function reasonsIn(body: string): string | undefined {
  try {
    const { reasons } = JSON.parse(body) as { reasons?: unknown };
    return Array.isArray(reasons) && reasons.length > 0 ? reasons.map(String).join(', ') : undefined;
  } catch {
    return undefined;
  }
}
