export const DASHBOARDS: Record<string, object>;
