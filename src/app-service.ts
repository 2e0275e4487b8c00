import type { Edge } from './app-edge.ts';
import { edgeServerSettings } from './app-settings.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/schema.ts';
import type { Report } from './events.ts';
import type { Answers } from './http/answers.ts';
import type { Gateway } from './http/gateway.ts';
import { rawAnswer } from './http/plain-answers.ts';
import { createEdgeServer, type EdgeServer } from './http/server.ts';
import { targetOn } from './page/site-url.ts';
import type { Warming } from './serve/warming.ts';
import { createRecache, type RecacheParts } from './service/recache.ts';
import { createService } from './service/service.ts';

export interface ServiceAppParts {
  readonly rooms: () => Edge['rooms'];
  readonly answers: Answers;
  readonly refused: Gateway['refused'];
  readonly purge: RecacheParts['purge'];
  readonly warming: Pick<Warming, 'order'>;
  readonly clock: Clock;
  readonly report: Report;
}

/** The listener of the rendering service; undefined where it is not wanted. */
export function buildService(
  config: Config,
  { rooms, answers, refused, purge, warming, clock, report }: ServiceAppParts,
): EdgeServer | undefined {
  const { enabled, port, token } = config.service;
  if (!enabled) return undefined;

  function pagesOf(url: string): readonly string[] | undefined {
    for (const { site, warm } of rooms()) {
      const target = targetOn(site, url);
      if (target !== undefined) return warm.pagesAt(target).map((page) => page.url);
    }
    return undefined;
  }

  function warm(urls: readonly string[]): string | undefined {
    const answer = warming.order({ urls });
    return answer.kind === 'begun' ? answer.id : undefined;
  }

  const service = createService({ rooms, token, answers, clock, recache: createRecache({ pagesOf, purge, warm }) });
  const anyHost = () => true;
  return createEdgeServer(
    { ...edgeServerSettings(config, anyHost), port },
    {
      request: service.request,
      upgrade(request, socket) {
        refused({ status: 400, because: 'upgrade', request });
        socket.end(rawAnswer(400), () => socket.destroy());
      },
      refused,
    },
    { clock, report },
  );
}
