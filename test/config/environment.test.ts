import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment, variableFor } from '../../src/config/environment.ts';
import { allFields, settings } from '../../src/config/fields.ts';
import { withAssignments } from '../../src/config/layers.ts';
import { tempFolder } from '../fixtures/temp-folder.ts';

function read(environment: Record<string, string>) {
  const { assignments, problems } = readEnvironment(environment);
  return { values: withAssignments({}, assignments), problems };
}

describe('the environment', () => {
  it('sets a setting by its path, with two underscores between levels', () => {
    expect(
      read({ PREFACE_CACHE__FRESH: '2s', PREFACE_CACHE__REDIS_URL: 'redis://r', PREFACE_PUBLIC_URL: 'http://x' }),
    ).toEqual({
      values: { cache: { fresh: '2s', redisUrl: 'redis://r' }, publicUrl: 'http://x' },
      problems: [],
    });
  });

  it('turns texts into what the setting is: numbers, truth, lists and groups', () => {
    const { values } = read({
      PREFACE_LISTEN__PORT: '8081',
      PREFACE_DEBUG_HEADERS: 'no',
      PREFACE_SESSION_COOKIES: 'sid, auth',
      PREFACE_PATHS: '[{"match":"/a"}]',
      PREFACE_RENDER__HEADERS: '{"x-a":"1"}',
      PREFACE_RENDER__TABS: '3',
      PREFACE_ADMIN__TOKEN: '1234567890123456',
    });
    expect(values).toEqual({
      listen: { port: 8081 },
      debugHeaders: false,
      sessionCookies: ['sid', 'auth'],
      paths: [{ match: '/a' }],
      render: { headers: { 'x-a': '1' }, tabs: 3 },
      admin: { token: '1234567890123456' },
    });
  });

  it('knows a variable for every setting, and no two settings share one', () => {
    const names = allFields().map(({ path }) => variableFor(path).replaceAll(/(?<!_)_(?!_)/g, ''));
    expect(new Set(names).size).toBe(names.length);
    for (const { path, kinds } of settings()) {
      const text = kinds.has('object') ? '{}' : kinds.has('array') ? '[]' : '1';
      expect(readEnvironment({ [variableFor(path)]: text })).toMatchObject({ problems: [], assignments: [{ path }] });
    }
  });

  it('takes the names that other programs share, after its own', () => {
    expect(read({ PREFACE_LISTEN__PORT: '2', PORT: '1', LOG_LEVEL: 'debug' }).values).toEqual({
      listen: { port: 2 },
      log: { level: 'debug' },
    });
  });

  it('reads a secret from a file, and only a secret', () => {
    const file = join(tempFolder(), 'token');
    writeFileSync(file, 'from-a-file-1234\n');
    expect(read({ PREFACE_ADMIN__TOKEN_FILE: file }).values).toEqual({ admin: { token: 'from-a-file-1234' } });
    expect(read({ PREFACE_LISTEN__PORT_FILE: file }).problems).toHaveLength(1);
    expect(read({ PREFACE_ADMIN__TOKEN_FILE: `${file}.gone` }).problems[0]).toMatch(
      /^PREFACE_ADMIN__TOKEN_FILE: cannot be read/,
    );
  });

  it('counts an empty variable as not set', () => {
    expect(read({ PORT: '', PREFACE_CACHE__FRESH: '' }).values).toEqual({});
  });

  it('names the nearest variable for an unknown one', () => {
    expect(read({ PREFACE_CASHE__FRESH: '1h' }).problems).toEqual([
      'PREFACE_CASHE__FRESH: unknown variable; did you mean PREFACE_CACHE__FRESH?',
    ]);
    expect(read({ PREFACE_CACHE_FRESH: '1h' }).problems[0]).toContain(
      'PREFACE_CACHE__FRESH? (two underscores between levels)',
    );
  });

  it('leaves out what Kubernetes says of a Service named preface', () => {
    const links = {
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      PREFACE_SERVICE_HOST: '10.0.0.7',
      PREFACE_SERVICE_PORT: '8080',
      PREFACE_SERVICE_PORT_HTTP: '8080',
      PREFACE_PORT: 'tcp://10.0.0.7:8080',
      PREFACE_PORT_8080_TCP: 'tcp://10.0.0.7:8080',
      PREFACE_PORT_8080_TCP_ADDR: '10.0.0.7',
    };
    expect(read(links)).toEqual({ values: {}, problems: [] });
    expect(read({ ...links, PREFACE_SERVICE__PORT: '3001' }).values).toEqual({ service: { port: 3001 } });
  });

  it('says where malformed JSON breaks', () => {
    expect(read({ PREFACE_PATHS: '[{' }).problems[0]).toMatch(/^PREFACE_PATHS: paths must be JSON: /);
  });
});
