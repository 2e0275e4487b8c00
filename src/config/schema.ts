import { z } from 'zod';
import { baseUrl, flag, host, text, unsetOr } from './field-types.ts';
import * as groups from './groups.ts';
import { choice, group, overrides, setting } from './setting.ts';

const hostHeader = setting(
  z.enum(['public', 'origin']),
  'public',
  'The `Host` that the application sees: the public one, or its own.',
);
const paths = setting(z.array(groups.pathRule), [], 'Rules for some paths; the first that matches counts.');
const sessionCookies = setting(
  z.array(text.min(1)),
  [],
  "Cookies of signed-in people: a request with one of these is a person's; `name*` for a beginning.",
);
const onFailure = setting(
  z.enum(['shell', 'unavailable']),
  'shell',
  "What a reader gets when a page cannot be rendered: the application's shell, or 503 with `Retry-After`.",
);
const debugHeaders = setting(flag, true, 'Say in `X-Preface` how each answer came about.');

const site = z.strictObject({
  hosts: z.array(host).optional().describe('Hosts under which it is known; the public one when left out.'),
  origin: baseUrl.describe('Where this application is served.'),
  publicUrl: choice(baseUrl, 'What people type; the origin when left out.'),
  hostHeader: choice(hostHeader.unwrap(), 'As above, for this site.'),
  readers: overrides('As above, for this site.', groups.readers),
  paths: choice(paths.unwrap(), 'As above, for this site.'),
  query: overrides('As above, for this site.', groups.query),
  sessionCookies: choice(sessionCookies.unwrap(), 'As above, for this site.'),
  render: overrides('As above, for this site.', groups.siteRender),
  settle: overrides('As above, for this site.', groups.settle),
  egress: overrides('As above, for this site.', groups.siteEgress),
  cache: overrides('As above, for this site.', groups.siteCache),
  warm: overrides('As above, for this site.', groups.warm),
  markdown: overrides('As above, for this site.', groups.markdown),
  audit: overrides('As above, for this site.', groups.audit),
  onFailure: choice(onFailure.unwrap(), 'As above, for this site.'),
  debugHeaders: choice(debugHeaders.unwrap(), 'As above, for this site.'),
});

/**
 * The whole configuration: names, types, defaults and explanations. The types, the JSON Schema for editors, `config/default.yaml`
 * and the README's table come from here. Names in the program are those of the file; lengths of time are milliseconds and sizes are bytes.
 */
export const schema = z.strictObject({
  origin: setting(unsetOr(baseUrl), '', 'Where the application is served.'),
  publicUrl: setting(unsetOr(baseUrl), '', 'What people type; the origin when empty.'),
  hostHeader,
  sites: setting(
    z.array(site),
    [],
    'Several applications, chosen by host: `{hosts, origin, publicUrl}` and, of the groups below, what differs.',
  ),
  listen: group('The listener for traffic. Every path on it belongs to the application.', groups.listen),
  admin: group('The listener for operators.', groups.admin),
  service: group('A rendering service on its own port.', groups.service),
  readers: group('Who gets the rendered page.', groups.readers),
  paths,
  query: group('What of a query is part of a page.', groups.query),
  sessionCookies,
  render: group('How pages are rendered.', groups.render),
  settle: group('When a page is done.', groups.settle),
  egress: group('What pages may load while they are rendered.', groups.egress),
  cache: group('What is kept and for how long.', groups.cache),
  warm: group('Rendering ahead.', groups.warm),
  markdown: group('Pages as Markdown, for readers that ask for it.', groups.markdown),
  audit: group('Findings about pages.', groups.audit),
  onFailure,
  limits: group('Bounds.', groups.limits),
  log: group('The log.', groups.log),
  debugHeaders,
});

type DeepReadonly<T> = T extends string | number | boolean | undefined | URL
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : { readonly [Name in keyof T]: DeepReadonly<T[Name]> };

/** The configuration as it is written: before defaults, durations and sizes in their text form. */
export type ConfigInput = z.input<typeof schema>;

/** A checked configuration; frozen. */
export type Config = DeepReadonly<z.output<typeof schema>>;
