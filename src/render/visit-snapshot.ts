import { RenderError } from '../errors.ts';
import type { PageTarget } from '../page/page-target.ts';
import type { RenderReport, Snapshot } from '../page/snapshot.ts';
import { type DocumentAnswer, originAgeMsOf, originCacheControlOf } from './document-answer.ts';
import type { SerialisedPage } from './page-signs.ts';
import { type PageFacts, pageAnswer } from './page-status.ts';
import type { SettleOutcome } from './settling.ts';
import type { Books } from './visit-books.ts';

type Stages = RenderReport['stages'];

export function stagesOf(begunAt: number, navigatedAt: number, settledAt: number, writtenAt: number): Stages {
  return {
    queue: 0,
    navigate: navigatedAt - begunAt,
    settle: settledAt - navigatedAt,
    serialise: writtenAt - settledAt,
    total: writtenAt - begunAt,
  };
}

export interface Made {
  readonly target: PageTarget;
  /** Visible characters below which a 200 is an empty shell. */
  readonly minText: number;
  readonly document: DocumentAnswer;
  readonly outcome: SettleOutcome | undefined;
  readonly page: SerialisedPage | undefined;
}

/** The page as it is handed on; throws a `RenderError` when what was made is none. */
export function snapshotOf(made: Made, renderedAt: number, stages: Stages, books: Books): Snapshot {
  const { document, outcome, page } = made;
  const answer = pageAnswer(factsOf(made));
  if (answer.kind === 'failure') throw new RenderError(answer.code, `${made.target.url}: ${answer.message}`);
  const inputs = books.close();
  const originCacheControl = originCacheControlOf(document);
  const originAgeMs = originAgeMsOf(document);
  const isPage = answer.kind === 'page';
  return {
    status: answer.status,
    headers: isPage ? answer.headers : [['location', answer.location], ...answer.headers],
    html: isPage ? (page?.html ?? '') : '',
    tags: answer.tags,
    ...(originCacheControl !== undefined && { originCacheControl }),
    ...(originAgeMs !== undefined && { originAgeMs }),
    renderedAt,
    inputs,
    report: {
      stoppedBy: outcome?.stoppedBy ?? 'redirect',
      pending: outcome?.pending ?? [],
      stages,
      skippedMs: outcome?.skippedMs ?? 0,
      requests: inputs.length,
      bytes: inputs.reduce((sum, input) => sum + input.bytes, 0),
      htmlBytes: page?.htmlBytes ?? 0,
      consoleErrors: [...books.errors],
    },
  };
}

function factsOf({ target, minText, document, outcome, page }: Made): PageFacts {
  return {
    target,
    documentStatus: document.status,
    documentHeaders: document.headers,
    signs: page?.signs ?? { headers: [], tags: [] },
    finalUrl: page?.url ?? target.url,
    ...(outcome?.redirectTo !== undefined && { redirectTo: outcome.redirectTo }),
    textLength: page?.textLength ?? 0,
    embeds: page?.embeds ?? 0,
    minText,
  };
}
