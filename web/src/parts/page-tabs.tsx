import { Tabs } from '@mantine/core';

interface Props<T extends string> {
  tabs: readonly { value: T; label: string }[];
  value: T;
  change: (value: T) => void;
}

/** The parts of a page, of which its address names one. */
export function PageTabs<T extends string>({ tabs, value, change }: Props<T>) {
  return (
    <Tabs value={value} onChange={(chosen) => chosen && change(chosen as T)}>
      <Tabs.List>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.value} value={tab.value}>
            {tab.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}
