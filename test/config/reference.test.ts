import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultFile, readmeTable, schemaFile, withReadmeTable } from '../../scripts/configuration-reference.ts';
import { settings } from '../../src/config/fields.ts';
import { configFrom, loadConfig } from '../../src/config/load.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

describe('what is written from the schema', () => {
  it('is current: npm run generate', () => {
    expect(read('config/schema.json')).toBe(schemaFile());
    expect(read('config/default.yaml')).toBe(defaultFile());
    const readme = existsSync(new URL('README.md', root)) ? read('README.md') : '';
    expect(withReadmeTable(readme)).toBe(readme);
  });

  it('explains every setting', () => {
    expect(settings().filter(({ description }) => description === '')).toEqual([]);
    for (const { path } of settings()) expect(readmeTable()).toContain(`| \`${path.join('.')}\` |`);
  });

  it('replaces only what is between the marks', () => {
    const readme = 'before\n<!-- configuration:begin -->\nold\n<!-- configuration:end -->\nafter\n';
    const current = withReadmeTable(readme);
    expect(current).toMatch(/^before\n<!-- configuration:begin -->\n\| setting /);
    expect(current).toMatch(/\n<!-- configuration:end -->\nafter\n$/);
    expect(withReadmeTable(current)).toBe(current);
    expect(withReadmeTable('no place for it')).toBe('no place for it');
  });
});

describe('the files that come along', () => {
  it('the file of defaults changes nothing', () => {
    expect(loadConfig({ file: 'config/default.yaml' }).config).toEqual(configFrom({}));
  });

  it('the example for production is sound', () => {
    const { config } = loadConfig({ file: 'config/example.production.yaml' });
    expect(config.cache.store).toBe('sqlite');
    expect(config.paths).toHaveLength(3);
  });
});
