import { useId } from 'react';
import { Scene } from './scene.tsx';

const centre = 248;
const radius = 132;
const hoops = [-110, -84, -56, -28, 0, 28, 56, 84, 110];

/** A hoop as it is seen from a little below: its front half. */
function hoop(offset: number): string {
  const half = Math.sqrt(radius ** 2 - offset ** 2);
  const y = centre + offset;
  return `M${240 - half} ${y}Q240 ${y + 22} ${240 + half} ${y}`;
}

export function PaperMoon() {
  const clip = useId();
  return (
    <Scene wall="#1b2540" lightY={centre} stands={false}>
      <clipPath id={clip}>
        <circle cx="240" cy={centre} r={radius} />
      </clipPath>
      <path d="M240 0V118" stroke="#0d1424" strokeWidth="3" />
      <circle cx="240" cy={centre} r={radius} fill="#5a5c66" />
      <g clipPath={`url(#${clip})`}>
        <g className="light">
          <circle cx="240" cy={centre} r={radius} fill="#eba34a" />
          <circle cx="240" cy={centre + 4} r="112" fill="#f5b860" />
          <circle cx="240" cy={centre + 8} r="86" fill="#fccb7e" />
          <circle cx="240" cy={centre + 10} r="58" fill="#ffe0a6" />
          <circle cx="240" cy={centre + 12} r="30" fill="#fff3d6" />
        </g>
        <path d={hoops.map(hoop).join('')} fill="none" stroke="#9a5c22" strokeOpacity="0.5" strokeWidth="2.5" />
        <path d="M372 248A132 132 0 0 1 240 380A150 150 0 0 0 350 180Z" fill="#8a4a1c" opacity="0.18" />
      </g>
      <path d="M206 112H274V124H206Z" fill="#3c2a1c" />
      <path d="M210 374H270V384H210Z" fill="#3c2a1c" />
      <path d="M240 384V408" stroke="#c4502e" strokeWidth="3" />
      <circle cx="240" cy="410" r="7" fill="#c4502e" />
      <path d="M234 416L230 456M240 416V462M246 416L250 456" stroke="#c4502e" strokeWidth="3" strokeLinecap="round" />
    </Scene>
  );
}
