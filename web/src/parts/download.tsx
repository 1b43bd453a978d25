import { Button } from '@mantine/core';

/** Saves a text that is here already as a file. */
export function Download({
  name,
  type,
  text,
  children,
}: {
  name: string;
  type: string;
  text: string;
  children: string;
}) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <Button variant="default" onClick={save}>
      {children}
    </Button>
  );
}
