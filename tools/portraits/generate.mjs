// Draws intranet_people/demo/portraits/HANDLE.jpg for every row of company.tsv that has a head.
// usage: node generate.mjs [company.tsv] [folder of portraits] [contact-sheet.png]
import { createAvatar } from '@dicebear/core';
import * as openPeeps from '@dicebear/open-peeps';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const demo = fileURLToPath(new URL('../../intranet_people/demo/', import.meta.url));
const [table = join(demo, 'company.tsv'), folder = join(demo, 'portraits'), sheet] =
  process.argv.slice(2);

const SIZE = 320;
const BLACK = '000000';

const SKIN = {
  porcelain: 'fbdcc4', fair: 'f6cfae', honey: 'f0c9a2', olive: 'dfae80', tan: 'cf9768',
  bronze: 'bb7d4e', brown: 'a5683f', umber: '87512f', deep: '6b3f2a',
};
const HAIR = {
  black: BLACK, darkbrown: '3d271a', brown: '5f3d27', umberbrown: '47281a', auburnbrown: '5a2a1b',
  auburn: '8e4526', copper: 'c0683a', sand: 'c9a46c', blond: 'e3c27d', gray: 'a8a29a',
  silver: 'd9d4cc',
  // The cloth of a headscarf.
  plum: '4f2b45', navy: '22344f', forest: '25443a', wine: '5b2431',
};
const CLOTH = {
  terracotta: 'c9745a', sage: 'a3b899', sky: '9dbfd3', mustard: 'dfb25b', plum: '8a6285',
  sand: 'd9c3a0', teal: '5f9a98', rose: 'd79a97', cream: 'f2e6d0', slate: '76879a',
  moss: '84905f', lilac: 'b9aacb', rust: 'a85a3d', saffron: 'e0a04b', blush: 'e3b9b0',
};
const PAPER = {
  linen: 'e9dfce', mist: 'd5dfdb', blush: 'efd9ce', dawn: 'f1e3c6', shell: 'e6dbe3',
  fern: 'd7dfc8', dusk: 'd3dce6',
};
// These reach above or beyond the frame at full size.
const SMALLER = { bun: 88, bun2: 88, buns: 92, longAfro: 84, longCurly: 88, grayBun: 94 };

// Their hair is an area of its own; all other hair is drawn in the ink of the outline.
const PAINTED = new Set([
  'bangs', 'grayBun', 'grayMedium', 'grayShort', 'mediumBangs2', 'mohawk', 'noHair2', 'noHair3',
  'short4',
]);
// The groups of an Open Peeps drawing begin with these transforms, in this order.
const HEAD = 'matrix(.99789 0 0 1 156 62)';
const FACE = 'translate(315 248)';
const BEARD = 'translate(279 400)';
const MASK = 'translate(179 343)';

function colour(palette, name) {
  if (!(name in palette)) throw new Error(`unknown colour: ${name}`);
  return palette[name];
}

async function people() {
  const [first, ...lines] = (await readFile(table, 'utf8')).trimEnd().split('\n');
  const names = first.split('\t');
  const rows = lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
  return rows.filter((row) => row.head);
}

function options(row) {
  return {
    seed: row.handle,
    size: SIZE,
    scale: SMALLER[row.head] ?? 100,
    translateY: row.head in SMALLER ? 4 : 2,
    head: [row.head],
    face: [row.face],
    facialHair: row.beard ? [row.beard] : [],
    facialHairProbability: row.beard ? 100 : 0,
    accessories: row.glasses ? [row.glasses] : [],
    accessoriesProbability: row.glasses ? 100 : 0,
    maskProbability: 0,
    skinColor: [colour(SKIN, row.skin)],
    headContrastColor: [row.accent ? colour(CLOTH, row.accent) : colour(HAIR, row.hair)],
    clothingColor: [colour(CLOTH, row.clothes)],
    backgroundColor: [colour(PAPER, row.paper)],
  };
}

// An ink of dark brown instead of black makes brown hair.
function inked(svg, from, to, hex) {
  const [start, end] = [svg.indexOf(from), svg.indexOf(to)];
  if (start < 0 || end < start) throw new Error('the groups of Open Peeps have changed');
  const part = svg.slice(start, end).replaceAll('fill="#000"', `fill="#${hex}"`);
  return svg.slice(0, start) + part + svg.slice(end);
}

function portrait(row) {
  const svg = createAvatar(openPeeps, options(row)).toString();
  const ink = PAINTED.has(row.head) ? BLACK : colour(HAIR, row.hair);
  const image = inked(inked(svg, HEAD, FACE, ink), BEARD, MASK, ink);
  return sharp(Buffer.from(image), { density: 144 })
    .resize(SIZE, SIZE)
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 74, progressive: false, optimiseCoding: true, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

async function contactSheet(portraits, path) {
  const [columns, side] = [10, 128];
  const rows = Math.ceil(portraits.length / columns);
  const tiles = await Promise.all(
    portraits.map(async (image, i) => ({
      input: await sharp(image).resize(side, side).toBuffer(),
      left: (i % columns) * side,
      top: Math.floor(i / columns) * side,
    })),
  );
  const canvas = { width: columns * side, height: rows * side, channels: 3, background: '#fff' };
  await sharp({ create: canvas }).composite(tiles).png().toFile(path);
}

const rows = await people();
const portraits = await Promise.all(rows.map(portrait));
await mkdir(folder, { recursive: true });
await Promise.all(
  rows.map((row, i) => writeFile(join(folder, `${row.handle}.jpg`), portraits[i])),
);
if (sheet) await contactSheet(portraits, sheet);
console.log(`${portraits.length} portraits, ${portraits.reduce((sum, p) => sum + p.length, 0)} bytes`);
