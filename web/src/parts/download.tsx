import { Button } from '@mantine/core';

interface Props {
  name: string;
  type: string;
  text: string;
  children: string;
}

/** Saves a text that is here already as a file. */
export function Download({ name, type, text, children }: Props) {
  return (
    <Button variant="default" onClick={() => download(new Blob([text], { type }), name)}>
      {children}
    </Button>
  );
}

/** Hands a file to the browser's downloads. */
export function download(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
