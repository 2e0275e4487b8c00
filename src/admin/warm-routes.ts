import { z } from 'zod';
import type { AdminAnswer, AdminRoutes } from './routes.ts';

/** What the operator can order of warm-up. */
export interface WarmControl {
  order(order: {
    readonly urls?: readonly string[] | undefined;
    readonly sitemap?: string | undefined;
  }):
    | { readonly kind: 'begun'; readonly id: string }
    | { readonly kind: 'refused'; readonly because: string }
    | { readonly kind: 'busy' };
  jobs(): readonly object[];
  progress(id: string): object | undefined;
  pause(id: string): boolean;
  resume(id: string): boolean;
  stop(id: string): boolean;
}

const address = z.string().min(1).max(4096);
const warmBody = z
  .strictObject({ urls: z.array(address).min(1).max(1000).optional(), sitemap: address.optional() })
  .refine(({ urls, sitemap }) => urls === undefined || sitemap === undefined, 'Name urls or a sitemap, not both');

/** `POST /api/warm` and the jobs that it begins. */
export function warmRoutes(warm: WarmControl): AdminRoutes {
  /** A change that made no difference came too late, or twice. */
  function change(id: string, make: (id: string) => boolean): AdminAnswer {
    const before = warm.progress(id);
    if (before === undefined) return noJob;
    return make(id) ? { status: 200, body: warm.progress(id) } : { status: 409, body: before };
  }

  return {
    'POST /api/warm': ({ body }) => {
      const parsed = warmBody.safeParse(body ?? {});
      if (!parsed.success) return { status: 400, body: { error: z.prettifyError(parsed.error) } };
      const answer = warm.order(parsed.data);
      if (answer.kind === 'refused') return { status: 400, body: { error: answer.because } };
      if (answer.kind === 'busy') return { status: 429, headers: { 'Retry-After': '60' }, body: { error: tooMany } };
      return { status: 202, headers: { Location: `/api/jobs/${answer.id}` }, body: { job: answer.id } };
    },
    'GET /api/jobs': () => ({ status: 200, body: { jobs: warm.jobs() } }),
    'GET /api/jobs/<id>': ({ id }) => {
      const progress = warm.progress(id);
      return progress === undefined ? noJob : { status: 200, body: progress };
    },
    'DELETE /api/jobs/<id>': ({ id }) => change(id, warm.stop),
    'POST /api/jobs/<id>/pause': ({ id }) => change(id, warm.pause),
    'POST /api/jobs/<id>/resume': ({ id }) => change(id, warm.resume),
  };
}

const noJob: AdminAnswer = { status: 404, body: { error: 'There is no such job; the last twenty are remembered' } };
const tooMany = 'Too many warm-ups are running already';
