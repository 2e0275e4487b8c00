import type { ComponentType } from 'react';
import type { LanternKind } from '../product.ts';
import { FacetLantern } from './facet.tsx';
import { PaperMoon } from './moon.tsx';
import { PleatedColumn } from './pleat.tsx';
import { ReedLantern } from './reed.tsx';
import { StarLantern } from './star.tsx';
import { StormLantern } from './storm.tsx';

const drawings: Readonly<Record<LanternKind, ComponentType>> = {
  storm: StormLantern,
  moon: PaperMoon,
  reed: ReedLantern,
  facet: FacetLantern,
  star: StarLantern,
  pleat: PleatedColumn,
};

interface LanternPictureProps {
  readonly kind: LanternKind;
  readonly name: string;
  readonly lit?: boolean;
}

/** The picture of one lantern, square, with its name for those who cannot see it. */
export function LanternPicture({ kind, name, lit = true }: LanternPictureProps) {
  const Drawing = drawings[kind];
  return (
    <svg className={lit ? 'picture' : 'picture is-out'} viewBox="0 0 480 480" role="img" aria-label={name}>
      <Drawing />
    </svg>
  );
}
