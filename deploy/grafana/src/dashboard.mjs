import { DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

/** What Grafana reads: a dashboard of titled rows of panels, in order. It shows what came since `from`. */
export function dashboard({ uid, title, description, from, refresh }, rows) {
  const built = new DashboardBuilder(`Fleetwall: ${title}`)
    .uid(`fleetwall-${uid}`)
    .description(description)
    .tags(['fleetwall'])
    .readonly()
    .time({ from, to: 'now' })
    .timezone('browser')
    .refresh(refresh);
  for (const [name, panels] of Object.entries(rows)) {
    built.withRow(new RowBuilder(name));
    for (const panel of panels) built.withPanel(panel);
  }
  return built.build();
}
