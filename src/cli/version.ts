import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version in the package's own `package.json`: two levels up in a checkout, three in the built package. */
export function packageVersion(): string {
  for (const up of ['../..', '../../..']) {
    const version = versionIn(join(import.meta.dirname, up, 'package.json'));
    if (version !== undefined) return version;
  }
  return 'unknown';
}

function versionIn(path: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string };
    return name === 'preface' ? version : undefined;
  } catch {
    return undefined;
  }
}
