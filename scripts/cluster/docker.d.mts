export function whatDockerLacks(env?: NodeJS.ProcessEnv): string | undefined;
export function hasCompose(env?: NodeJS.ProcessEnv): boolean;
export function compose(root: string, args: string[]): number;
