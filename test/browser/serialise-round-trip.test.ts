import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Serialising, startSerialising } from './serialising.ts';

let on: Serialising;
beforeAll(async () => {
  on = await startSerialising();
  await on.load('<!DOCTYPE html><html><head><title>t</title></head><body></body></html>');
});
afterAll(() => on[Symbol.asyncDispose]());

/** An element by name, attributes, shadow tree if any, and children; or text. */
type Tree =
  | string
  | { name: string; attributes: Record<string, string>; shadow?: readonly Tree[]; children: readonly Tree[] };

// The parser makes one line end of a carriage return, and replaces NUL.
const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((value) => !/[\r\0]/.test(value)),
  fc.constantFrom('\n', '\n\n x', '<b>&amp;</b>', '\u00a0"\'&<>', '</script>', '<!-- -->', ']]>'),
);
const attributes = fc.dictionary(fc.constantFrom('title', 'class', 'data-x', 'href', 'alt', 'aria-label'), text, {
  maxKeys: 3,
});

const { tree } = fc.letrec<{ tree: Tree; children: Tree[] }>((tie) => ({
  children: fc.array(tie('tree'), { maxLength: 4 }),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.record({
      name: fc.constantFrom('div', 'span', 'section', 'x-tag', 'pre', 'svg', 'em', 'img', 'br'),
      attributes,
      children: tie('children'),
    }),
    fc.record({
      name: fc.constantFrom('div', 'x-tag'),
      attributes,
      shadow: tie('children'),
      children: tie('children'),
    }),
  ),
}));

it('gives back the same elements, attributes and text, whatever they are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(tree, { minLength: 1, maxLength: 20 }), async (trees) => {
      await on.live.evaluate((given) => {
        const build = (parent: ParentNode, tree: Tree): void => {
          if (typeof tree === 'string') return parent.append(tree);
          const namespace = `http://www.w3.org/${tree.name === 'svg' ? '2000/svg' : '1999/xhtml'}`;
          const element = document.createElementNS(namespace, tree.name);
          for (const [name, value] of Object.entries(tree.attributes)) element.setAttribute(name, value);
          if (tree.shadow) {
            const root = element.attachShadow({ mode: 'open' });
            for (const child of tree.shadow) build(root, child);
          }
          if (!/^(?:img|br|svg)$/.test(tree.name)) for (const child of tree.children) build(element, child);
          parent.append(element);
        };
        document.body.replaceChildren();
        for (const tree of given as Tree[]) build(document.body, tree);
      }, trees);
      const { html } = await on.write();
      const [live, parsed] = await on.live.evaluate((html) => {
        const outline = (node: Element | ShadowRoot): unknown => {
          node.normalize();
          const children = Array.from(node.childNodes, (child) =>
            child instanceof Element ? outline(child) : child.nodeValue,
          );
          if (node instanceof ShadowRoot) return children;
          const attributes = Array.from(node.attributes, ({ name, value }) => [name, value]).sort();
          return [node.tagName, attributes, node.shadowRoot && outline(node.shadowRoot), children];
        };
        const read = Document.parseHTMLUnsafe(html);
        return [outline(document.body), outline(read.body)];
      }, html);
      expect(parsed).toEqual(live);
    }),
    { numRuns: 40 },
  );
});
