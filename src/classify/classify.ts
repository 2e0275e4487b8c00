import type { Reader, ReaderClass } from '../page/reader.ts';
import { askedFor } from './accepts.ts';
import { isAssetPath } from './assets.ts';
import { type MarkdownSettings, markdownTarget } from './markdown.ts';
import { sessionCookieTest } from './session-cookies.ts';
import { createTargets, type Place, type TargetSettings } from './targets.ts';
import type { Classifier, PassReason, RequestFacts } from './verdict.ts';
import { createVisitors, type ReaderSettings } from './visitors.ts';

export interface ClassifierSettings extends ReaderSettings, TargetSettings {
  /** The classes of readers that get rendered pages. */
  readonly render: readonly ReaderClass[];
  /** A request with one of these cookies is a person's; `name*` stands for every name with that beginning. */
  readonly sessionCookies: readonly string[];
  readonly markdown: MarkdownSettings;
}

/**
 * Decides for one site who gets a page and who the application. Remembers user agents and nothing else; never throws.
 * The reasons are tried in this order: what is no reading at all, who asks, how, for what, with which rights, in which form.
 * Throws a ConfigError for settings that cannot work.
 */
export function createClassifier(settings: ClassifierSettings): Classifier {
  const visitorOf = createVisitors(settings);
  const targets = createTargets(settings);
  const hasSession = sessionCookieTest(settings.sessionCookies);
  const rendered = new Set(settings.render);

  function askingReader(visitor: Reader, facts: RequestFacts): Reader {
    if (rendered.has(visitor.class)) return visitor;
    const implied = impliedReader(facts);
    return implied !== undefined && rendered.has(implied.class) ? implied : visitor;
  }

  function withheld(facts: RequestFacts): PassReason | undefined {
    if (facts.hasAuthorization || hasSession(facts.cookie)) return 'credentials';
    return facts.hasRange ? 'range' : undefined;
  }

  return (facts) => {
    const visitor = visitorOf(facts.userAgent);
    const reader = askingReader(visitor.reader, facts);
    const markdown = markdownTarget(settings.markdown, facts, reader);
    const isServed = markdown !== undefined || rendered.has(reader.class);

    const refused = throughTraffic(facts, visitor.isOurs) ?? (isServed ? unreadable(facts) : unserved(reader));
    if (refused !== undefined) return { kind: 'pass', because: refused, reader };

    const place = targets.find(markdown ?? facts.target, visitor.isMobile);
    const because = unfit(place) ?? withheld(facts) ?? (markdown === undefined ? unwanted(facts) : undefined);
    if (because !== undefined || place.page === undefined) {
      return { kind: 'pass', because: because ?? 'excluded', reader };
    }
    return { kind: 'page', target: place.page, reader, format: markdown === undefined ? 'html' : 'markdown' };
  };
}

/** Who asks for the rendered page by a sign of its own, whatever its user agent. */
function impliedReader({ hasBufferbotMark, target }: RequestFacts): Reader | undefined {
  if (hasBufferbotMark) return { class: 'preview', name: 'Bufferbot' };
  const asksForFragment = target.includes('_escaped_fragment_') && /[?&]_escaped_fragment_(?:[=&#]|$)/.test(target);
  return asksForFragment ? { class: 'search' } : undefined;
}

/** What is none of the renderer's business whoever asks: another protocol, or a renderer's own request (RFC 8586). */
export function throughTraffic(facts: RequestFacts, isOurs: boolean): PassReason | undefined {
  if (facts.isUpgrade) return 'upgrade';
  if (facts.hasLoopMark) return 'loop';
  return facts.hasPrerenderMark || isOurs ? 'own-render' : undefined;
}

function unserved({ class: kind }: Reader): PassReason {
  return kind === 'person' || kind === 'monitor' || kind === 'library' ? kind : 'excluded';
}

function unreadable({ method, hasBody }: RequestFacts): PassReason | undefined {
  return (method === 'GET' || method === 'HEAD') && !hasBody ? undefined : 'method';
}

/** A rule that asks for rendering makes a page even of what ends like a file. */
export function unfit({ path, render, page }: Place): PassReason | undefined {
  if (render !== true && isAssetPath(path)) return 'asset';
  return render === false || page === undefined ? 'excluded' : undefined;
}

function unwanted({ accept, secFetchDest }: RequestFacts): PassReason | undefined {
  const wanted = askedFor(accept, secFetchDest);
  if (wanted === 'document') return undefined;
  return wanted === 'asset' ? 'asset' : 'not-html';
}
