import { isWildcard } from '../config/addresses.ts';
import type { Config } from '../config/schema.ts';
import { messageOf } from '../errors.ts';
import { Failure } from './command.ts';
import { httpAnswer } from './http-get.ts';

type AdminConfig = Config['admin'];

export interface AdminAccess {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the admin listener of a proxy with this configuration is reached from this machine, and with which rights. */
export function adminAccess({ host, port, token }: AdminConfig): AdminAccess {
  const reachable = isWildcard(host) ? (host.includes(':') ? '::1' : '127.0.0.1') : host;
  const bracketed = reachable.includes(':') && !reachable.startsWith('[') ? `[${reachable}]` : reachable;
  return {
    url: new URL(`http://${bracketed}:${port}`),
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
  };
}

/** Asks a running proxy and gives its JSON. Rejects with a `Failure` in words for people. */
export type AskAdmin = (method: string, path: string, body?: object) => Promise<unknown>;

export function createAdminApi(admin: AdminConfig, timeoutMs = 30_000): AskAdmin {
  const { url, headers } = adminAccess(admin);
  return async (method, path, body) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await httpAnswer(new URL(path, url), timeoutMs, headers, { method, ...sent }).catch((cause) => {
      throw new Failure(
        `nothing answers at ${url.origin}: ${messageOf(cause)}. Is Preface running, and is that its admin port?`,
      );
    });
    if (answer.status < 300) return JSON.parse(answer.body);
    if (answer.status === 401)
      throw new Failure(`${url.origin} wants another token: admin.token (PREFACE_ADMIN_TOKEN)`);
    throw new Failure(errorIn(answer.body) ?? `${url.origin}${path} answered ${answer.status}`);
  };
}

function errorIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
