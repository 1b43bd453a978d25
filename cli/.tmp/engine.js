import { Assembler } from '@fleetwall/assembly';
import { countedAs } from '@fleetwall/core';
import { Counter, isLogonSuccess, Matcher, Observer, planCorrelations } from '@fleetwall/detection';
import { Decider } from '@fleetwall/response';
import { LineParser, UnparsedCounts } from '@fleetwall/sources';
import { EventOrder } from './event-order.js';
import { EvidenceIndex } from './evidence-index.js';
const MAX_FORGIVEN = 10_000;
/** Nothing is decided by chance in a replay: the same files give the same report. */
const SEED = [0x5eed0001, 0x5eed0002, 0x5eed0003];
/** The pipeline over existing logs, by the clock of the events: read, parse, order, assemble, match, count, decide. */
export class ReplayEngine {
    #assembler = new Assembler();
    #matcher;
    #observer;
    #counter;
    #decider;
    #order = new EventOrder();
    #options;
    #alerts = new Map();
    #unparsed = new UnparsedCounts();
    #result;
    #tickedMs = 0;
    constructor(options) {
        this.#options = options;
        const plans = planCorrelations(options.rules.correlations);
        this.#matcher = new Matcher(options.rules.rules);
        this.#observer = new Observer(plans);
        this.#counter = new Counter({ plans, seed: SEED, maxBytes: 1 << 30 });
        this.#decider = new Decider({ policies: options.policies, exemptions: () => [] });
        this.#result = {
            lines: 0,
            events: 0,
            failures: 0,
            alerts: [],
            withdrawn: [],
            blocks: [],
            prevented: new Map(),
            forgiven: new Map(),
            unparsed: new Map(),
            late: 0,
            places: new EvidenceIndex(),
            firstMs: Number.POSITIVE_INFINITY,
            lastMs: Number.NEGATIVE_INFINITY,
        };
        this.#counter.onForgiven(({ address, account }) => {
            const { forgiven } = this.#result;
            if (address === undefined || account === undefined)
                return;
            const accounts = forgiven.get(address);
            if (accounts)
                accounts.add(account);
            else if (forgiven.size < MAX_FORGIVEN)
                forgiven.set(address, new Set([account]));
        });
    }
    /** Reads the files side by side, always on where time is least far, so that one hour of disorder is enough. */
    async run(files) {
        const streams = files.map((file, index) => new ReplayStream(file, index, this.#options));
        let open = [...streams];
        while (open.length > 0) {
            const stream = open.reduce((least, other) => (other.newestMs < least.newestMs ? other : least));
            const items = await stream.next(this.#result, this.#unparsed);
            if (items === undefined)
                open = open.filter((other) => other !== stream);
            else
                for (const item of items)
                    this.#order.add(item);
            const watermarkMs = Math.min(...open.map(({ newestMs }) => newestMs));
            for (const second of this.#order.take(watermarkMs))
                this.#process(second);
            this.#report(files);
        }
        return this.#finish();
    }
    #process(second) {
        for (const { event, file, offset } of second) {
            const timeMs = event['@timestamp'];
            this.#assembler.assemble(event);
            this.#noteFailure(event, file, offset);
            const matched = this.#matcher.match(event);
            if (matched.length === 0 && !isLogonSuccess(event))
                continue;
            for (const observation of this.#observer.observe(event, matched, 'default'))
                this.#counter.count(observation);
            this.#decide(timeMs);
        }
        const last = second.at(-1)?.event['@timestamp'] ?? 0;
        if (last - this.#tickedMs < 1_000)
            return;
        this.#tickedMs = last;
        this.#counter.tick(last);
        this.#decide(last);
        this.#decider.tick(last);
    }
    #decide(nowMs) {
        for (const change of this.#counter.takeChanges()) {
            this.#fold(change);
            this.#decider.onAlert(change, nowMs);
        }
    }
    /** Counts an attempt once, remembers its best line, and whether a block would have prevented it. */
    #noteFailure(event, file, offset) {
        const id = event['fleetwall.attempt.id'];
        if (id === undefined || event['event.outcome'] !== 'failure')
            return;
        const isNew = this.#result.places.set(id, file, offset, event['fleetwall.attempt.role'] === 'attempt');
        if (!isNew)
            return;
        this.#result.failures += event['fleetwall.attempt.ids']?.length ?? 1;
        const address = event['source.ip'];
        if (address === undefined)
            return;
        const block = this.#decider.book.covering(countedAs(address), event['@timestamp']);
        if (!block)
            return;
        this.#result.prevented.set(block.target, (this.#result.prevented.get(block.target) ?? 0) + 1);
    }
    #fold(change) {
        const contributors = this.#alerts.get(change.id)?.contributors ?? new Set();
        for (const { value } of change.contributors)
            contributors.add(value);
        for (const value of change.cleared)
            contributors.delete(value);
        this.#alerts.set(change.id, { ...change, contributors });
    }
    #finish() {
        this.#counter.flush();
        this.#decide(this.#tickedMs);
        this.#decider.tick(this.#tickedMs);
        const result = this.#result;
        for (const alert of this.#alerts.values())
            (alert.state === 'withdrawn' ? result.withdrawn : result.alerts).push(alert);
        result.blocks = [...this.#decider.book.all()];
        result.late = this.#order.late;
        result.unparsed = this.#unparsed.totals();
        return result;
    }
    #report(files) {
        const sum = (pick) => files.reduce((total, file) => total + pick(file), 0);
        this.#options.onProgress?.(sum((file) => file.readBytes), sum((file) => file.sizeBytes));
    }
}
/** One file on its way through the parser. */
class ReplayStream {
    #chunks;
    #parser;
    #index;
    #latestMs;
    newestMs = Number.NEGATIVE_INFINITY;
    constructor(file, index, { zone, fromYear }) {
        this.#chunks = file.chunks();
        this.#index = index;
        this.#latestMs = fromYear === undefined ? file.modifiedMs + 86_400_000 : Number.POSITIVE_INFINITY;
        const year = fromYear === undefined ? { nowMs: () => file.modifiedMs } : { from: fromYear };
        this.#parser = new LineParser({ zone, year, defaultHost: 'localhost' });
    }
    /** The events of the next chunk, or undefined at the end. A stamp beyond the file's own time does not move the clock. */
    async next(result, unparsed) {
        const { value: chunk, done } = await this.#chunks.next();
        if (done)
            return undefined;
        const items = [];
        const { lines, offsets } = chunk;
        for (let i = 0; i < lines.length; i++) {
            const parsed = this.#parser.parse(lines[i]);
            if (!('event.module' in parsed)) {
                unparsed.add(parsed);
                continue;
            }
            const timeMs = parsed['@timestamp'];
            if (timeMs > this.#latestMs)
                parsed['@timestamp'] = this.newestMs > 0 ? this.newestMs : this.#latestMs;
            else if (timeMs > this.newestMs)
                this.newestMs = timeMs;
            if (timeMs < result.firstMs)
                result.firstMs = timeMs;
            items.push({ event: parsed, file: this.#index, offset: offsets[i] });
        }
        result.lines += lines.length;
        result.events += items.length;
        if (this.newestMs > result.lastMs)
            result.lastMs = this.newestMs;
        return items;
    }
}
