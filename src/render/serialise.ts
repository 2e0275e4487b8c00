import type { CDPSession } from 'puppeteer';
import { messageOf, RenderError } from '../errors.ts';
import { serialiseDocument, type WrittenDocument } from './in-page/serialise.ts';
import { activeContent } from './in-page/serialise-active.ts';
import { scopedRules } from './in-page/serialise-flatten.ts';
import { orderHead, readSigns } from './in-page/serialise-head.ts';
import { sheetWriter } from './in-page/serialise-sheets.ts';
import { stateWriters } from './in-page/serialise-state.ts';
import { visibleContent } from './in-page/serialise-text.ts';
import { treeCopier } from './in-page/serialise-tree.ts';
import type { SerialisedPage, SerialiseOptions } from './page-signs.ts';

/** The page's own scripts have no part in this world, so what they did to the prototypes has no effect on what we read. */
const worldName = 'preface-serialise';
const maxClosedRoots = 1000;

const parts = [activeContent, scopedRules, orderHead, readSigns, sheetWriter, stateWriters, visibleContent, treeCopier];
const inPageFunction = `function (options, ...closedRoots) {
  const parts = { ${parts.map((part) => `${part.name}: ${part}`).join(',\n')} };
  return (${serialiseDocument})(options, closedRoots, parts);
}`;

/**
 * Writes down the document in the main frame, whose id is given, as a reader without scripts should get it, and leaves the live one unchanged.
 * Rejects with a `RenderError`: `too-large` when the HTML has more than `maxHtmlBytes` (it is measured before it leaves the
 * page), `crash` when the page cannot answer. A page that hangs is for the caller to give up on.
 * `installSerialiseHooks` has to be in every frame from its beginning if closed shadow roots are to be in the result.
 */
export async function serialise(
  session: CDPSession,
  frameId: string,
  options: SerialiseOptions,
): Promise<SerialisedPage> {
  const written = await evaluate(session, frameId, options).catch((cause: unknown) => {
    throw new RenderError('crash', `the page could not be written down: ${messageOf(cause)}`, { cause });
  });
  if (!('tooLarge' in written)) return { ...written, htmlBytes: Buffer.byteLength(written.html) };
  throw new RenderError('too-large', `the page has ${written.htmlBytes} bytes or more of HTML`);
}

async function evaluate(
  session: CDPSession,
  frameId: string,
  { maxHtmlBytes, shadowDom }: SerialiseOptions,
): Promise<WrittenDocument> {
  const [executionContextId, closed] = await Promise.all([openWorld(session, frameId), closedRoots(session)]);
  const roots = await Promise.all(closed.map((objectId) => inWorld(session, objectId, executionContextId)));
  const { result, exceptionDetails } = await session.send('Runtime.callFunctionOn', {
    functionDeclaration: inPageFunction,
    executionContextId,
    arguments: [{ value: { maxHtmlBytes, shadowDom } }, ...roots.filter((root) => root !== undefined)],
    returnByValue: true,
  });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

/** Chromium gives the same world again for the same name and document. */
async function openWorld(session: CDPSession, frameId: string): Promise<number> {
  const world = await session.send('Page.createIsolatedWorld', { frameId, worldName });
  return world.executionContextId;
}

/** What `installSerialiseHooks` has noted in the page's world. The page may have spoilt it; then there are none. */
async function closedRoots(session: CDPSession): Promise<string[]> {
  const { result } = await session.send('Runtime.evaluate', {
    expression: `(() => { const roots = globalThis[Symbol.for('preface.closed-roots')]?.(); return roots?.length ? roots : undefined })()`,
    silent: true,
  });
  if (result.subtype !== 'array' || result.objectId === undefined) return [];
  const { result: properties } = await session.send('Runtime.getProperties', {
    objectId: result.objectId,
    ownProperties: true,
  });
  return properties
    .map((property) => property.value?.objectId)
    .filter((objectId) => objectId !== undefined)
    .slice(0, maxClosedRoots);
}

/** The same node as an object of another world. */
async function inWorld(
  session: CDPSession,
  objectId: string,
  executionContextId: number,
): Promise<{ objectId?: string } | undefined> {
  try {
    const { node } = await session.send('DOM.describeNode', { objectId });
    const { object } = await session.send('DOM.resolveNode', { backendNodeId: node.backendNodeId, executionContextId });
    return object.objectId === undefined ? undefined : { objectId: object.objectId };
  } catch {
    return undefined; // not a node: the page has put something else into the list
  }
}
