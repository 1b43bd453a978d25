import { isAscii } from 'node:buffer';
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
const CHUNK_BYTES = 1 << 20;
/** As the collector: a longer line is cut there, the rest of it passed over. */
const MAX_LINE_BYTES = 64 * 1024;
/** A log file, plain or gzip (told by its first bytes), read in chunks of whole lines. */
export class LogFile {
    path;
    sizeBytes;
    modifiedMs;
    gzip;
    /** Bytes of the file itself (compressed ones of a gzip file) read so far. */
    readBytes = 0;
    cutLines = 0;
    constructor(path) {
        this.path = path;
        const { size, mtimeMs } = statSync(path);
        this.sizeBytes = size;
        this.modifiedMs = mtimeMs;
        this.gzip = startsAsGzip(path);
    }
    async *chunks() {
        const file = createReadStream(this.path, { highWaterMark: CHUNK_BYTES });
        const source = this.gzip ? file.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : file;
        if (this.gzip)
            file.on('error', (error) => source.destroy(error));
        let rest = Buffer.alloc(0);
        let restOffset = 0;
        let skipping = false;
        for await (const data of source) {
            this.readBytes = file.bytesRead;
            const buffer = rest.length > 0 ? Buffer.concat([rest, data]) : data;
            const lastEnd = buffer.lastIndexOf(10) + 1;
            const chunk = split(buffer, lastEnd, restOffset, skipping);
            if (lastEnd > 0)
                skipping = false;
            rest = buffer.subarray(lastEnd);
            restOffset += lastEnd;
            if (rest.length > MAX_LINE_BYTES) {
                if (!skipping)
                    chunk.add(rest, 0, MAX_LINE_BYTES, restOffset);
                if (!skipping)
                    this.cutLines++;
                skipping = true;
                restOffset += rest.length;
                rest = Buffer.alloc(0);
            }
            if (chunk.lines.length > 0)
                yield chunk;
        }
        if (rest.length > 0 && !skipping)
            yield split(Buffer.concat([rest, Buffer.from('\n')]), rest.length + 1, restOffset, false);
    }
    /** The line at each of the offsets, by offset. One more pass for a gzip file. */
    async linesAt(offsets) {
        const found = new Map();
        if (offsets.length === 0)
            return found;
        if (!this.gzip) {
            const fd = openSync(this.path, 'r');
            const buffer = Buffer.alloc(MAX_LINE_BYTES);
            for (const offset of offsets) {
                const length = readSync(fd, buffer, 0, MAX_LINE_BYTES, offset);
                const end = buffer.subarray(0, length).indexOf(10);
                found.set(offset, lineText(buffer, 0, end < 0 ? length : end));
            }
            closeSync(fd);
            return found;
        }
        const wanted = new Set(offsets);
        for await (const { lines, offsets: starts } of this.chunks()) {
            starts.forEach((offset, i) => {
                if (wanted.has(offset))
                    found.set(offset, lines[i]);
            });
            if (found.size === wanted.size)
                break;
        }
        return found;
    }
}
/** The lines of `buffer[0, end)`; each is a string of its own, so that one kept does not keep the chunk. */
function split(buffer, end, offset, skipFirst) {
    const lines = [];
    const offsets = [];
    const ascii = isAscii(buffer.subarray(0, end));
    const add = (from, start, stop, at) => {
        lines.push(ascii ? from.toString('latin1', start, stop) : from.toString('utf8', start, stop));
        offsets.push(at);
    };
    let start = 0;
    while (start < end) {
        const next = buffer.indexOf(10, start);
        const stop = next > start && buffer[next - 1] === 13 ? next - 1 : next;
        if (skipFirst && start === 0)
            skipFirst = false;
        else if (stop > start)
            add(buffer, start, Math.min(stop, start + MAX_LINE_BYTES), offset + start);
        start = next + 1;
    }
    return { lines, offsets, add };
}
function lineText(buffer, start, end) {
    const stop = end > start && buffer[end - 1] === 13 ? end - 1 : end;
    return buffer.toString('utf8', start, stop);
}
function startsAsGzip(path) {
    const fd = openSync(path, 'r');
    const head = Buffer.alloc(2);
    readSync(fd, head, 0, 2, 0);
    closeSync(fd);
    return head[0] === 0x1f && head[1] === 0x8b;
}
