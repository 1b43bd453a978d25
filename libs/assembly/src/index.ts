export { Assembler, type AssemblerOptions } from './assembler.js';
export { NameMask, type NameMaskStats } from './names/name-mask.js';
