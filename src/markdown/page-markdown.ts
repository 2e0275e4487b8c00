import { gfm } from '@joplin/turndown-plugin-gfm';
import domino from '@mixmark-io/domino';
import TurndownService from 'turndown';

export interface PageMarkdown {
  /** CommonMark with GFM tables, after a front matter in YAML. */
  readonly text: string;
  /** Roughly how many tokens a language model makes of it: four characters each. */
  readonly tokens: number;
}

/** What is on a page but is not its content. */
const furniture =
  'script, style, template, noscript, button, nav, footer, iframe, object, embed, svg, canvas, dialog:not([open]), [hidden], [aria-hidden="true"]';

const converter = new TurndownService({
  headingStyle: 'atx',
  codeBlockStyle: 'fenced',
  bulletListMarker: '-',
  emDelimiter: '*',
});
converter.use(gfm);

/** The content of a rendered page as Markdown: title, description, canonical address and date first, links absolute, furniture left out. */
export function pageMarkdown(html: string, url: string): PageMarkdown {
  const document = domino.createDocument(html);
  const body = document.body;
  openShadowRoots(body);
  const front = frontMatter(document, url);
  const content = document.querySelector('main, [role="main"]') ?? singleArticle(document) ?? body;
  for (const element of content.querySelectorAll(furniture)) element.remove();
  makeAbsolute(content, baseOf(document, url));
  const text = `${front}\n${converter.turndown(content as unknown as TurndownService.Node).trim()}\n`;
  return { text, tokens: Math.ceil(text.length / 4) };
}

/** A declarative shadow root holds what people see in place of its host's own children. */
function openShadowRoots(within: ParentNode): void {
  for (const template of within.querySelectorAll('template[shadowrootmode]')) {
    const host = template.parentNode;
    const shadow = (template as HTMLTemplateElement).content;
    openShadowRoots(shadow);
    const light = [...(host?.childNodes ?? [])].filter((node) => node !== template);
    const slot = shadow.querySelector('slot:not([name])');
    if (slot === null) shadow.append(...light);
    else slot.replaceWith(...light);
    host?.replaceChildren?.(shadow) ?? template.replaceWith(shadow);
  }
}

/** One article is the content; several are a list of teasers, and the page is what holds them. */
function singleArticle(document: Document): Element | undefined {
  const articles = document.querySelectorAll('article');
  return articles.length === 1 ? articles[0] : undefined;
}

const dateFields = ['article:modified_time', 'article:published_time', 'og:updated_time', 'date', 'dcterms.modified'];

function frontMatter(document: Document, url: string): string {
  const meta = (name: string) =>
    document.querySelector(`meta[name="${name}"], meta[property="${name}"]`)?.getAttribute('content');
  const fields = {
    title: document.title.trim() || meta('og:title'),
    description: meta('description') ?? meta('og:description'),
    canonical: document.querySelector('link[rel="canonical"]')?.getAttribute('href') ?? url,
    date: dateFields.map(meta).find(Boolean),
  };
  // JSON strings are YAML strings (YAML 1.2 §1.3), with quotes and line ends seen to.
  const lines = Object.entries(fields).flatMap(([name, value]) => (value ? [`${name}: ${JSON.stringify(value)}`] : []));
  return `---\n${lines.join('\n')}\n---\n`;
}

function baseOf(document: Document, url: string): string {
  const base = document.querySelector('base[href]')?.getAttribute('href') ?? '';
  return URL.parse(base, url)?.href ?? url;
}

function makeAbsolute(content: Element, base: string): void {
  for (const [selector, name] of [
    ['a[href]', 'href'],
    ['img[src]', 'src'],
  ] as const) {
    for (const element of content.querySelectorAll(selector)) {
      const absolute = URL.parse(element.getAttribute(name) ?? '', base);
      if (absolute !== null) element.setAttribute(name, absolute.href);
    }
  }
}
