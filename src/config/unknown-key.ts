import { allFields, fieldsIn } from './fields.ts';
import { type Path, pathText } from './layers.ts';
import { nearest } from './suggest.ts';
import { oneOf } from './words.ts';

/** What to say of a name that is no setting: the one that was probably meant, here or elsewhere, else what there is. */
export function unknownKey(group: Path, key: string): string {
  const here = fieldsIn(group).map(({ path }) => String(path.at(-1)));
  const isProcessWide = group[0] === 'sites' && fieldsIn(group.slice(2)).some(({ path }) => path.at(-1) === key);
  if (isProcessWide) return 'belongs to the whole process: set it at the top level, not in a site';

  const meant = nearest(key, here);
  if (meant !== undefined) return `is not a setting; did you mean ${meant}?`;

  const elsewhere = allFields().filter(({ path }) => path.at(-1) === key);
  if (elsewhere.length > 0)
    return `is not a setting here; did you mean ${oneOf(elsewhere.map(({ path }) => pathText(path)))}?`;
  return `is not a setting; ${group.length === 0 ? 'there are' : `${pathText(group)} has`} ${here.join(', ')}`;
}
