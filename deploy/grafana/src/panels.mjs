// The kinds of panels that the dashboards are made of.
import * as common from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as GraphPanel } from '@grafana/grafana-foundation-sdk/timeseries';

/** Panels are this high, and the grid is 24 wide. */
const HEIGHT = 8;
const STAT_HEIGHT = 4;
const REF_IDS = 'ABCDEFGHIJ';

/** Lines over time. */
export function graph(title, description, queries, { unit = 'short', span = 8 } = {}) {
  const panel = new GraphPanel()
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    );
  return filled(panel, { title, description, queries, unit, span, height: HEIGHT });
}

/** Bars over time, one upon the other. */
export function bars(title, description, queries, { span = 12 } = {}) {
  return graph(title, description, queries, { span })
    .drawStyle(common.GraphDrawStyle.Bars)
    .fillOpacity(80)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
}

/** One number. From `warnAt` on it is yellow, from `badAt` on red; with `badBelow` it is red below. */
export function number(title, description, query, { unit = 'short', span = 4, ...limits } = {}) {
  const panel = new StatPanel()
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(limits)))
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None);
  return filled(panel, { title, description, queries: [query], unit, span, height: STAT_HEIGHT });
}

/** Values and how often each is there. */
export function table(title, description, query, { span = 8 } = {}) {
  const panel = new TablePanel().filterable(false);
  return filled(panel, { title, description, queries: [query], unit: 'short', span, height: HEIGHT });
}

function stepsOf({ warnAt, badAt, badBelow }) {
  if (badBelow !== undefined)
    return [
      { value: null, color: 'red' },
      { value: badBelow, color: 'green' },
    ];
  const steps = [{ value: null, color: 'green' }];
  if (warnAt !== undefined) steps.push({ value: warnAt, color: 'yellow' });
  if (badAt !== undefined) steps.push({ value: badAt, color: 'red' });
  return steps;
}

function filled(panel, { title, description, queries, unit, span, height }) {
  panel.title(title).description(description).unit(unit).span(span).height(height);
  queries.forEach((query, i) => {
    const target = query.build();
    panel.withTarget({ build: () => ({ ...target, refId: REF_IDS[i] }) });
  });
  return panel.datasource(queries[0].build().datasource);
}
