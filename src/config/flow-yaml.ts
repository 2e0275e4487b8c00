import { stringify } from 'yaml';

/** A value on one line, as it may stand behind a name in YAML. */
export function flowYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim();
}
