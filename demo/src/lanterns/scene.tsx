import type { ReactNode } from 'react';

interface SceneProps {
  readonly wall: string;
  /** Where the light sits, from the top of the 480 by 480 picture. */
  readonly lightY: number;
  readonly stands: boolean;
  readonly children: ReactNode;
}

// Rings instead of a gradient: they look printed, and they make pictures that compress well.
const rings: readonly (readonly [radius: number, opacity: number])[] = [
  [236, 0.055],
  [186, 0.065],
  [142, 0.08],
  [104, 0.1],
];

/** The dark wall that every lantern hangs or stands before, with the light it throws. */
export function Scene({ wall, lightY, stands, children }: SceneProps) {
  return (
    <>
      <rect width="480" height="480" fill={wall} />
      <g className="light">
        {rings.map(([radius, opacity]) => (
          <circle key={radius} cx="240" cy={lightY} r={radius} fill="#ffb65c" opacity={opacity} />
        ))}
      </g>
      {stands ? <Table /> : null}
      {children}
    </>
  );
}

function Table() {
  return (
    <>
      <rect y="404" width="480" height="76" fill="#0a141c" />
      <rect y="404" width="480" height="3" fill="#3a4a50" />
      <g className="light">
        <ellipse cx="240" cy="420" rx="190" ry="15" fill="#ffb65c" opacity="0.14" />
        <ellipse cx="240" cy="416" rx="118" ry="9" fill="#ffc987" opacity="0.2" />
      </g>
    </>
  );
}
