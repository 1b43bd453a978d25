export { Assembler, type AssemblerOptions } from './assembler.js';
export { isMask } from './names/account-digest.js';
export { isCommonName } from './names/common-names.js';
export { NameMask, type NameMaskStats } from './names/name-mask.js';
