import { expect, it } from 'vitest';
import { sparklinePoints } from './sparkline-points.ts';

it.each([
  [[0, 10, 5], '0,20 50,0 100,10'],
  [[0, 0], '0,20 100,20'],
  [[4], '0,0'],
])('draws %j as %s', (values, points) => expect(sparklinePoints(values, { width: 100, height: 20 })).toBe(points));
