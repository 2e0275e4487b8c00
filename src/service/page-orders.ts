import type { Verdict } from '../classify/verdict.ts';
import type { AnsweringRoom, Answers, Exchange, WhyNoPage } from '../http/answers.ts';
import type { EdgeRequest } from '../messages.ts';
import type { Device, PageKey } from '../page/page-target.ts';
import type { Site } from '../page/site.ts';
import { targetOn } from '../page/site-url.ts';
import type { Variant } from '../page/variant.ts';
import { pageRequest } from './page-request.ts';
import type { PageOrder } from './service-order.ts';

/** One application as the service sees it. */
export interface ServiceRoom extends AnsweringRoom {
  readonly site: Site;
  /** What the page at this target of the site is, for whoever asks. */
  readonly askedPage: (request: EdgeRequest, target: string, device: Device | undefined) => Verdict;
}

interface Place {
  readonly room: ServiceRoom;
  readonly target: string;
}

/** One order on its way through redirects. */
interface Journey {
  readonly caller: Exchange;
  readonly order: PageOrder;
  /** The pages that it has been to. */
  readonly been: readonly PageKey[];
}

/** Redirects that are followed for one order. */
const mostRedirects = 5;

/** Answers orders for pages: pages of the configured sites, and of no others. */
export function createPageOrders(rooms: () => readonly ServiceRoom[], answers: Answers) {
  /** By the hosts of the sites alone: the one site of a proxy answers to any Host, but is not every site there is. */
  function placeOf(url: string): Place | undefined {
    for (const room of rooms()) {
      const target = targetOn(room.site, url);
      if (target !== undefined) return { room, target };
    }
    return undefined;
  }

  /** The request as the site itself would have got it, and what is at that place. */
  function look(caller: Exchange, { room, target }: Place, { device, variant }: PageOrder) {
    const request = pageRequest(caller.request, room.site, target);
    const exchange: Exchange = { ...caller, request, host: room.site.publicUrl.host, target: request.url ?? '/' };
    const verdict = room.askedPage(caller.request, target, device);
    exchange.reader = verdict.reader;
    const isPicture = variant?.picture !== undefined;
    exchange.wantsMarkdown = !isPicture && verdict.kind === 'page' && verdict.format === 'markdown';
    return { exchange, verdict };
  }

  /** For what the application would give in the page's place, where that is not what was ordered. */
  function noPageFor(exchange: Exchange, { variant }: PageOrder) {
    if (variant === undefined) return undefined;
    return (because: WhyNoPage) => answers.refuse(exchange, 400, because, `${noPage(variant, because)}\n`);
  }

  function givePage(exchange: Exchange, room: ServiceRoom, { target }: PageVerdict, { caller, order, been }: Journey) {
    const { anew, variant, follows } = order;
    const journey = { caller, order, been: [...been, target.key] };
    const follow = (location: string) => follows && goOn(location, journey);
    answers.page(exchange, room, target, { anew, variant, follow, noPage: noPageFor(exchange, order) });
  }

  /** Answers from where a redirect leads to; where we do not go, the redirect itself is the answer. */
  function goOn(location: string, journey: Journey): boolean {
    const { caller, order, been } = journey;
    const place = hasUser(location) ? undefined : placeOf(location);
    if (place === undefined || been.length > mostRedirects) return false;
    const { exchange, verdict } = look(caller, place, order);
    if (verdict.kind === 'pass') {
      if (order.variant !== undefined) return false;
      answers.pass(exchange, place.room, 'pass', verdict.because);
      return true;
    }
    if (been.includes(verdict.target.key) || !isFor(order.device, verdict)) return false;
    givePage(exchange, place.room, verdict, journey);
    return true;
  }

  return function answer(caller: Exchange, order: PageOrder): void {
    const place = placeOf(order.url);
    if (place === undefined) return answers.refuse(caller, 403, 'foreign', `${foreign(order.url)}\n`);
    const { exchange, verdict } = look(caller, place, order);
    if (answers.refusesLoop(exchange)) return;
    if (verdict.kind === 'pass') {
      const noPage = noPageFor(exchange, order);
      return noPage ? noPage(verdict.because) : answers.pass(exchange, place.room, 'pass', verdict.because);
    }
    if (!isFor(order.device, verdict))
      return answers.refuse(exchange, 501, 'order', `${oneDevice(verdict.target.device)}\n`);
    givePage(exchange, place.room, verdict, { caller, order, been: [] });
  };
}

type PageVerdict = Extract<Verdict, { readonly kind: 'page' }>;

const isFor = (device: Device | undefined, { target }: PageVerdict) => device === undefined || target.device === device;

function hasUser(url: string): boolean {
  const { username = '', password = '' } = URL.parse(url) ?? {};
  return username !== '' || password !== '';
}

const foreign = (url: string): string =>
  `${URL.parse(url)?.host} is none of the sites here: publicUrl or sites would have to name it (sites: [{ hosts, origin, publicUrl }])`;

const oneDevice = (device: Device): string =>
  `This page is rendered for ${device} alone; render.device: auto renders it for each`;

function noPage({ picture }: Variant, because: string): string {
  const what = picture === undefined ? 'This cannot be rendered otherwise' : 'There is no picture of this';
  return `${what}: it is none of the rendered pages, the application answers it itself (${because})`;
}
