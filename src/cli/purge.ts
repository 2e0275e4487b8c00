import { createAdminApi } from './admin-api.ts';
import { type Command, exitCodes, type Invocation, UsageError } from './command.ts';
import { adminOptions, configFor, configOption } from './config-options.ts';

const options = {
  url: { type: 'string', value: 'URL', repeatable: true, help: 'a page: its URL, or its path on every site' },
  prefix: { type: 'string', value: 'URL', repeatable: true, help: 'all pages that begin so: /blog/' },
  tag: { type: 'string', value: 'TAG', repeatable: true, help: 'all pages with this tag' },
  everything: { type: 'boolean', help: 'all pages' },
  hard: { type: 'boolean', help: 'forget them, instead of answering them once more while they are renewed' },
  ...configOption,
  ...adminOptions,
} as const;

export const purge: Command = {
  name: 'purge',
  summary: 'mark pages of a running proxy as stale, or forget them',
  usage: '(--url URL | --prefix URL | --tag TAG | --everything)... [options]',
  options,
  words: { min: 0, max: 0 },
  examples: [
    'preface purge --url /products/7 --url https://www.example.com/   # stale: answered while they are renewed',
    'preface purge --tag product-7 --tag home --prefix /blog/',
    'preface purge --everything --hard                               # gone',
  ],

  async run(invocation) {
    const order = orderOf(invocation);
    const { config } = await configFor(invocation, options);
    const answer = (await createAdminApi(config.admin)('POST', '/api/purge', order)) as PurgeAnswer;
    const { terminal } = invocation;
    terminal.write(`${answer.purged} ${answer.purged === 1 ? 'page' : 'pages'} ${result[order.mode]}\n`);
    for (const text of answer.unknown ?? []) terminal.note(`preface: ${text} is on none of the sites\n`);
    return answer.unknown === undefined ? exitCodes.good : exitCodes.failed;
  },
};

interface PurgeAnswer {
  readonly purged: number;
  /** What is on none of the sites. */
  readonly unknown?: readonly string[];
}

const result = { soft: 'marked as stale', hard: 'forgotten' } as const;

function orderOf({ values, lists }: Pick<Invocation, 'values' | 'lists'>) {
  const { url: urls = [], prefix: prefixes = [], tag: tags = [] } = lists;
  const everything = values.everything === true;
  if (!everything && urls.length + prefixes.length + tags.length === 0) {
    throw new UsageError('say which pages: --url, --prefix, --tag or --everything');
  }
  return { urls, prefixes, tags, everything, mode: values.hard === true ? 'hard' : 'soft' } as const;
}
