import { type ClassifierSettings, createClassifier } from '../../src/classify/classify.ts';
import type { RequestFacts, Verdict } from '../../src/classify/verdict.ts';
import type { Site } from '../../src/page/site.ts';

export const site: Site = {
  publicUrl: new URL('https://www.example.com'),
  originUrl: new URL('http://127.0.0.1:3000'),
  hosts: ['www.example.com'],
};

/** The settings of a site that configures nothing. */
export const usual: ClassifierSettings = {
  site,
  render: ['search', 'social', 'ai', 'seo', 'archive', 'preview'],
  add: [],
  except: [],
  paths: [],
  ignoreQuery: [],
  device: 'desktop',
  sessionCookies: [],
  markdown: { enabled: true, suffix: false },
};

export const userAgents = {
  bot: 'Twitterbot/1.0',
  ai: 'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
  person:
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  phoneBot:
    'Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  curl: 'curl/8.7.1',
  uptime: 'Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)',
};

export const plainRequest: RequestFacts = {
  method: 'GET',
  target: '/',
  userAgent: userAgents.bot,
  accept: '',
  secFetchDest: '',
  cookie: '',
  hasAuthorization: false,
  hasRange: false,
  hasBody: false,
  isUpgrade: false,
  hasPrerenderMark: false,
  hasBufferbotMark: false,
  hasLoopMark: false,
};

/** The verdict on a bot's plain request, but for what is given. */
export function verdict(facts: Partial<RequestFacts>, settings: Partial<ClassifierSettings> = {}): Verdict {
  return createClassifier({ ...usual, ...settings })({ ...plainRequest, ...facts });
}

/** The verdict in a word or two: `pass asset`, or `html /path`. */
export function inWords(facts: Partial<RequestFacts>, settings: Partial<ClassifierSettings> = {}): string {
  const result = verdict(facts, settings);
  if (result.kind === 'pass') return `pass ${result.because}`;
  return `${result.format} ${result.target.url.slice(site.publicUrl.origin.length)}`;
}
