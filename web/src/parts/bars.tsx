import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type Buckets, filledOf } from './buckets.js';
import { briefly, counted } from './numbers.js';
import { tickOf } from './times.js';

interface Props {
  label: string;
  data: Buckets;
  heightPx: number;
  /** Told by dragging over the chart, milliseconds. */
  onZoom?: (fromMs: number, toMs: number) => void;
}

/** Bars from 0 over the whole range that was asked for; a bucket that the range cuts is hatched. */
export function Bars({ label, data, heightPx, onZoom }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    const box = place.current as HTMLDivElement;
    const chart = new uPlot(optionsOf(data, scheme, box, heightPx, zoom), pointsOf(data), box);
    const resized = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: heightPx }));
    resized.observe(box);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [data, scheme, heightPx]);
  const total = data.buckets.reduce((sum, { count }) => sum + count, 0);
  return (
    <div ref={place} role="img" aria-label={`${label}: ${counted(total)} in all`} style={{ minHeight: heightPx }} />
  );
}

function pointsOf(data: Buckets): uPlot.AlignedData {
  const filled = filledOf(data);
  return [filled.map(({ startMs }) => startMs / 1_000), filled.map(({ count }) => count)];
}

function optionsOf(
  data: Buckets,
  scheme: 'light' | 'dark',
  box: HTMLElement,
  heightPx: number,
  zoom: { current: ((fromMs: number, toMs: number) => void) | undefined },
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const [ink, line, mark] = [colour('--ink-soft'), colour('--line'), colour('--mark-failed')];
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '11px sans-serif' };
  const fromS = Date.parse(data.from) / 1_000;
  const toS = Date.parse(data.to) / 1_000;
  return {
    width: box.clientWidth,
    height: heightPx,
    class: scheme,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: { x: { time: true, range: [fromS, toS] }, y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, size: 24, values: (_, ticks) => ticks.map((tick) => tickOf(tick * 1_000)) },
      { ...axis, size: 46, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? briefly(tick) : '')) },
    ],
    series: [
      {},
      {
        stroke: mark,
        fill: mark,
        width: 0,
        paths: (uPlot.paths.bars as NonNullable<typeof uPlot.paths.bars>)({ size: [0.85, 60], align: 1 }),
        points: { show: false },
      },
    ],
    hooks: {
      setSelect: [
        (chart) => {
          const { left, width } = chart.select;
          if (width < 4) return;
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          const at = (px: number) => Math.round(chart.posToVal(px, 'x') * 1_000);
          zoom.current?.(at(left), at(left + width));
        },
      ],
      draw: [(chart) => hatch(chart, data, colour('--panel'))],
    },
  };
}

/** Stripes over buckets that reach out of the range, so that a low edge is not read as a fall. */
function hatch(chart: uPlot, data: Buckets, colour: string): void {
  const { ctx, bbox } = chart;
  for (const { startMs, isCut } of filledOf(data)) {
    if (!isCut) continue;
    const left = Math.max(bbox.left, chart.valToPos(startMs / 1_000, 'x', true));
    const right = Math.min(bbox.left + bbox.width, chart.valToPos((startMs + data.bucketMs) / 1_000, 'x', true));
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2;
    for (let x = left - bbox.height; x < right; x += 6) {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
      ctx.stroke();
    }
    ctx.restore();
  }
}
