export { Assembler, type AssemblerOptions } from './assembler.js';
