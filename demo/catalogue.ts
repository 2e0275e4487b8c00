import type { Product, ProductSummary } from './src/product.ts';

const products: readonly Product[] = [
  {
    id: 'harbour-storm-lantern',
    kind: 'storm',
    name: 'Harbour Storm Lantern',
    tagline: 'Brass and blown glass, steady in a gale',
    priceCents: 14_800,
    inStock: true,
    summary:
      'A hand-spun brass storm lantern with a blown glass globe. Burns for twenty hours on one filling and stays lit in a gale.',
    story: [
      'The first lantern we ever made, and the one we still light by the door. The tank is spun from one sheet of brass, so there is no seam to leak; the globe is blown in a mould of pear wood that scorches a little more with every glass.',
      'Air comes in through the side tubes, already warm, and never meets the flame head on. That is the whole trick of it: the wind may do as it likes.',
    ],
    facts: [
      ['Height', '34 cm'],
      ['Burns for', '20 hours on 0.4 l of lamp oil'],
      ['Light', 'about 12 candles'],
      ['Made of', 'brass, borosilicate glass, cotton wick'],
    ],
  },
  {
    id: 'paper-moon',
    kind: 'moon',
    name: 'Paper Moon',
    tagline: 'Mulberry paper on split bamboo',
    priceCents: 4_600,
    inStock: true,
    summary:
      'A round hanging lantern of mulberry paper over split bamboo. Folds flat, weighs ninety grams and lights a whole supper table.',
    story: [
      'Eleven hoops of split bamboo, one long strip of mulberry paper, rice paste, and an afternoon. Hung low over a table it gives the kind of light in which people stay for another hour.',
      'It folds down to the thickness of a finger. Ours have been to three weddings in the same coat pocket.',
    ],
    facts: [
      ['Diameter', '40 cm, folds to 2 cm'],
      ['Weight', '90 g'],
      ['Light', 'warm LED, 180 lumen, charged by USB-C'],
      ['Made of', 'mulberry paper, bamboo, beech'],
    ],
  },
  {
    id: 'reed-basket-light',
    kind: 'reed',
    name: 'Reed Basket Light',
    tagline: 'Woven by the lake it is cut from',
    priceCents: 8_200,
    inStock: true,
    summary:
      'A woven reed lantern that throws a net of shadows over walls and ceiling. Cut in winter, woven wet, and dried for six weeks.',
    story: [
      'Reed is cut in February, when the lake is frozen and the stems are dry and hollow. We soak it for a night and weave it round a form before it remembers that it would rather be straight.',
      'By day it is a basket. After dark it throws its pattern over the whole room, and the room moves a little when somebody walks past.',
    ],
    facts: [
      ['Height', '38 cm'],
      ['Weight', '420 g'],
      ['Light', 'takes a tea light or our 120 lumen lamp'],
      ['Made of', 'common reed, willow, waxed linen'],
    ],
  },
  {
    id: 'six-pane-lantern',
    kind: 'facet',
    name: 'Six-Pane Lantern',
    tagline: 'Amber glass set in soldered copper',
    priceCents: 11_900,
    inStock: true,
    summary:
      'A six-sided lantern of amber cathedral glass in soldered copper. Every pane is cut by hand, so no two throw the same colour.',
    story: [
      'Cathedral glass is rolled, not floated, and it is never the same thickness twice. We cut six panes from one sheet, side by side, so that the colour runs round the lantern like a horizon.',
      'The copper starts out bright. In a year on the terrace it will be the brown of a good shoe, in ten the green of a church roof.',
    ],
    facts: [
      ['Height', '31 cm'],
      ['Weight', '1.3 kg'],
      ['Light', 'takes a pillar candle up to 7 cm wide'],
      ['Made of', 'cathedral glass, copper, lead-free solder'],
    ],
  },
  {
    id: 'starfall-tin',
    kind: 'star',
    name: 'Starfall Tin',
    tagline: 'Three hundred holes, one small sky',
    priceCents: 6_400,
    inStock: false,
    summary:
      'A pierced tin lantern that puts a small sky on the ceiling: three hundred holes, punched by hand after a real star chart.',
    story: [
      'Punched from the inside, one hole at a time, after the summer sky above the workshop. The Plough is there if you turn the handle to the north.',
      'Hang it in a bedroom, and nobody will want the light out. Hang it in a pear tree, and the neighbours will ask.',
    ],
    facts: [
      ['Height', '29 cm'],
      ['Weight', '510 g'],
      ['Light', 'takes a tea light, burns for 8 hours'],
      ['Made of', 'tinned steel, recycled up to the handle'],
    ],
  },
  {
    id: 'pleated-column',
    kind: 'pleat',
    name: 'Pleated Column',
    tagline: 'A floor lantern from a single fold',
    priceCents: 15_600,
    inStock: true,
    summary:
      'A tall floor lantern folded from one sheet of washi, without glue. Stands on ash feet and fills a corner with even light.',
    story: [
      'One sheet, two metres long, scored four hundred and eighty times and then persuaded. There is no frame inside and no glue anywhere; the fold holds itself up.',
      'We fold it by daylight and check it by night, because a pleat that is a millimetre out can only be seen from within.',
    ],
    facts: [
      ['Height', '112 cm'],
      ['Weight', '1.1 kg'],
      ['Light', 'warm LED, 600 lumen, dimmed by touch'],
      ['Made of', 'washi, ash wood'],
    ],
  },
];

/** All lanterns, in the order of the shop window. */
export function listProducts(): readonly ProductSummary[] {
  return products.map(({ id, kind, name, tagline, priceCents, inStock }) => ({
    id,
    kind,
    name,
    tagline,
    priceCents,
    inStock,
  }));
}

export function findProduct(id: string): Product | undefined {
  return products.find((product) => product.id === id);
}
