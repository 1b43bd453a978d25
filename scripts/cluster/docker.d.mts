export function whatDockerLacks(): string | undefined;
export function hasCompose(): boolean;
export function compose(root: string, args: string[]): number;
