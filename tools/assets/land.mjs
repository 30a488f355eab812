// Draws the land outline of the partner map as one static SVG with two symbols: the world, and South-East Asia.
// Input: npm world-atlas (Natural Earth, public domain). Output: the path of the SVG, given as the only argument.
// Natural Earth I projection turned to 145 degrees east; integer, relative coordinates; no borders.
// src/openjcm/web/charts/partner_map.py places its dots with the same numbers.
import fs from 'node:fs';
import {createRequire} from 'node:module';
import {geoNaturalEarth1, geoPath} from 'd3-geo';
import {feature} from 'topojson-client';

const load = createRequire(import.meta.url);
const world = feature(load('world-atlas/land-110m.json'), 'land');
for (const item of world.features ?? [world]) {
  // Antarctica is left out: it has no partner and would take a fifth of the picture.
  if (item.geometry.type === 'MultiPolygon') {
    item.geometry.coordinates = item.geometry.coordinates.filter(
      polygon => Math.max(...polygon[0].map(point => point[1])) > -58);
  }
}

/** A path with absolute decimals becomes one with relative whole numbers. */
function relative(path) {
  return path.replace(/(\d+)\.\d+/g, '$1').split(/(?=M)/).map(part => {
    const closed = part.endsWith('Z');
    const points = part.replace(/[MZ]/g, '').split('L').map(text => text.split(',').map(Number));
    let [x, y] = points[0], steps = 0, out = `M${x} ${y}l`;
    for (const [a, b] of points.slice(1)) {
      const dx = a - x, dy = b - y;
      if (!dx && !dy) continue;
      out += (steps++ && dx >= 0 ? ' ' : '') + dx + (dy >= 0 ? ' ' : '') + dy;
      x = a; y = b;
    }
    return steps > 2 ? out + (closed ? 'z' : '') : '';
  }).join('');
}

const whole = geoNaturalEarth1().rotate([-145, 0]).scale(174).translate([480, 248]).precision(.6);
const inset = geoNaturalEarth1().rotate([-113.5, 0]).scale(300).translate([643, 332]).precision(.6)
  .clipExtent([[536, 192], [750, 406]]);
const detailed = feature(load('world-atlas/land-50m.json'), 'land');

fs.writeFileSync(process.argv[2],
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="8 8 944 432">` +
  `<path id="world" d="${relative(geoPath(whole)(world))}"/>` +
  `<path id="south-east-asia" d="${relative(geoPath(inset)(detailed))}"/></svg>\n`);
