import { describe, expect, it } from 'vitest';
import { createVisitors } from '../../src/classify/visitors.ts';
import { ConfigError } from '../../src/errors.ts';
import { userAgents } from './requests.ts';

const visitorOf = createVisitors({
  add: [
    { pattern: 'AcmeFetch/', class: 'ai', name: 'Acme' },
    { pattern: 'intranet*search', class: 'search' },
  ],
  except: ['acmefetch/9', 'Slackbot (staging)'],
});

describe('configured readers', () => {
  it('are found anywhere in the user agent, whatever the case', () => {
    expect(visitorOf('Mozilla/5.0 (compatible; acmefetch/1.0)').reader).toEqual({ class: 'ai', name: 'Acme' });
  });

  it('may leave out a part', () => {
    expect(visitorOf('Intranet Page Search 1.0').reader).toEqual({ class: 'search' });
    expect(visitorOf('search intranet').reader.class).not.toBe('search');
  });

  it('go before those that are known', () => {
    expect(visitorOf('Twitterbot/1.0 AcmeFetch/2').reader.name).toBe('Acme');
  });

  it('are people where excepted', () => {
    expect(visitorOf('AcmeFetch/9.1').reader).toEqual({ class: 'person' });
    expect(visitorOf('Slackbot (staging)').reader).toEqual({ class: 'person' });
    expect(visitorOf('Slackbot 1.0 (+https://api.slack.com/robots)').reader.name).toBe('Slackbot');
  });

  it.each(['', ' ', '*', '* *'])('are refused when the pattern fits everybody: %j', (pattern) => {
    expect(() => createVisitors({ add: [{ pattern, class: 'ai' }], except: [] })).toThrow(ConfigError);
    expect(() => createVisitors({ add: [], except: [pattern] })).toThrow(ConfigError);
  });
});

describe('a visitor', () => {
  it('is mobile by its user agent', () => {
    expect(visitorOf(userAgents.phoneBot).isMobile).toBe(true);
    expect(visitorOf(userAgents.person).isMobile).toBe(false);
  });

  it('is ours only with our name at the end', () => {
    expect(visitorOf(`${userAgents.person} Preface/1.2.3-beta.1`).isOurs).toBe(true);
    expect(visitorOf('Preface/1.0 (+https://preface.example) AcmeBot').isOurs).toBe(false);
    expect(visitorOf(`${userAgents.person} NotPreface/1.0`).isOurs).toBe(false);
  });

  it('is the same each time, also when thousands came between', () => {
    const first = visitorOf(userAgents.bot);
    for (let n = 0; n < 10_000; n++) visitorOf(`Visitor number ${n}`);
    expect(visitorOf(userAgents.bot)).toEqual(first);
  });

  it('is judged by the first 512 characters', () => {
    expect(visitorOf(`${'x'.repeat(400)} Twitterbot/1.0`).reader.name).toBe('Twitterbot');
    expect(visitorOf(`${'x'.repeat(600)} Twitterbot/1.0`).reader.name).toBeUndefined();
  });
});

describe('a user agent of 64 KB', () => {
  const nasty = [
    'a',
    '(',
    ' ',
    '1.',
    'bot',
    'http',
    '@a-',
    'a/1.0',
    '; ',
    'Sogou ',
    'acmefetch',
    'intranet',
    'Mozilla/5.0 (',
    'Mozilla/ Electron/',
    ') Snapchat/',
    'compatible;',
    '\u00ff',
    'facebookexternalhit/1.1; ',
  ];

  it.each(nasty)('made of %j takes less than a millisecond', (part) => {
    const size = Math.ceil(65_536 / part.length);
    let quickest = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 20; run++) {
      // Another one each time: what is remembered is not measured.
      const userAgent = `${run}${part.repeat(size)}`;
      const begin = performance.now();
      visitorOf(userAgent);
      quickest = Math.min(quickest, performance.now() - begin);
    }
    expect(quickest).toBeLessThan(1);
  });
});
