export function initialise(root: string): Promise<string[]>;
