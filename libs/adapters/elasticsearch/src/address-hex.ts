/** 32 hexadecimal digits, so that text order is number order; IPv4 in its mapped form. */
export function addressHex(family: 4 | 6, address: bigint): string {
  return (family === 4 ? (0xffffn << 32n) | address : address).toString(16).padStart(32, '0');
}
