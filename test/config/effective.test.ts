import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { effectiveConfig } from '../../src/config/effective.ts';
import { loadConfig } from '../../src/config/load.ts';
import { masked } from '../../src/config/mask.ts';

const environment = {
  PREFACE_ORIGIN: 'http://127.0.0.1:3000',
  PREFACE_ADMIN__TOKEN: 'a-token-nobody-sees',
  PREFACE_RENDER__HEADERS: '{"authorization":"Bearer unseen"}',
  PREFACE_RENDER__BROWSER_ENDPOINTS: 'wss://browser.example/?token=unseen',
  PREFACE_SITES: '[{"origin":"http://b:1","render":{"headers":{"x":"unseen"}}}]',
  REDIS_URL: 'redis://user:unseen@cache:6379/2',
};

describe('the effective configuration', () => {
  const text = effectiveConfig(loadConfig({ environment, cwd: tmpdir() }));

  it('says where each value came from', () => {
    expect(text).toMatch(/^origin: http:\/\/127\.0\.0\.1:3000 +# PREFACE_ORIGIN$/m);
    expect(text).toMatch(/^ {2}port: 8080 +# default$/m);
    expect(text).toMatch(/^ {2}store: redis +# cache\.redisUrl is set$/m);
  });

  it('shows no secret, wherever it stands', () => {
    expect(text).not.toMatch(/unseen|nobody-sees/);
    expect(text).toContain('redis://user:********@cache:6379/2');
    expect(text).toContain('wss://browser.example/?********');
  });

  it('is itself a configuration file', () => {
    expect(parse(text)).toMatchObject({ listen: { host: '0.0.0.0', port: 8080 }, cache: { fresh: '1h' } });
  });
});

describe('masking', () => {
  it('hides passwords in URLs that are no secrets otherwise, and nothing else of them', () => {
    expect(masked('https://me:pw@example.com/sitemap.xml?a=1', false)).toBe(
      'https://me:********@example.com/sitemap.xml?a=1',
    );
    expect(masked('https://example.com/a@b', false)).toBe('https://example.com/a@b');
    expect(masked('redis://:p@ss:w/rd@host:6379', true)).not.toMatch(/ss:w/);
  });
});
