import { Button, Group } from '@mantine/core';

interface Props {
  /** Of the act. */
  label: string;
  isPending: boolean;
  isReady: boolean;
  cancel: () => void;
}

/** The end of a form in a dialog: away from it, or its act. */
export function DialogButtons({ label, isPending, isReady, cancel }: Props) {
  return (
    <Group mt="md" justify="flex-end">
      <Button variant="default" onClick={cancel}>
        Cancel
      </Button>
      <Button type="submit" loading={isPending} disabled={!isReady}>
        {label}
      </Button>
    </Group>
  );
}
