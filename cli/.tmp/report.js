import { countedAs, printable } from '@fleetwall/core';
export async function reportOf(result, files) {
    const blocks = result.blocks.filter(({ state, history }) => state !== 'withdrawn' || history.length > 0);
    const lines = await evidenceLines(blocks, result, files);
    const usage = process.resourceUsage();
    const { lines: lineCount, events, failures, late } = result;
    return {
        lines: lineCount,
        events,
        failures,
        alerts: result.alerts.map(reportedAlert),
        blocks: blocks.filter(({ state }) => state !== 'held').flatMap((block) => reportedBlocks(block, result, lines)),
        withdrawn: result.withdrawn.map(reportedAlert),
        prevented: [...result.prevented.values()].reduce((sum, count) => sum + count, 0),
        forgiven: [...result.forgiven].map(([address, accounts]) => ({ address, accounts: [...accounts] })),
        unparsed: Object.fromEntries(result.unparsed),
        late,
        ...(result.events > 0 ? { first: iso(result.firstMs), last: iso(result.lastMs) } : {}),
        cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
        maxRssBytes: usage.maxRSS * 1024,
    };
}
function reportedAlert(alert) {
    const { id, rule, ruleId, level, knownGood, key, count } = alert;
    const times = { first: iso(alert.firstMs), last: iso(alert.lastMs) };
    return { id, rule, ruleId, level, knownGood, key, ...times, count, contributors: [...alert.contributors] };
}
/** One entry for each time the target was blocked. */
function reportedBlocks(block, { prevented }, lines) {
    const reason = block.reasons.find((candidate) => candidate.type === 'alert');
    const earlier = block.state === 'active' || block.state === 'dry-run' ? block.history : block.history.slice(0, -1);
    const periods = [...earlier, { atMs: block.atMs, untilMs: block.untilMs, state: block.state }];
    const told = new Set(block.reasons.flatMap((r) => (r.type === 'alert' ? r.hosts : [])));
    return periods
        .filter(({ state }) => state !== 'withdrawn' && state !== 'lifted')
        .map(({ atMs, untilMs, state }, i) => ({
        target: block.target,
        rule: reason?.rule ?? '',
        scope: block.scope.type,
        at: iso(atMs),
        until: iso(untilMs),
        offence: i + 1,
        state,
        prevented: i === 0 ? (prevented.get(block.target) ?? 0) : 0,
        hosts: [...told],
        evidence: (reason?.evidence ?? []).map(({ host, timeMs, attemptId }) => ({
            host,
            time: iso(timeMs),
            line: lines.get(attemptId) ?? '',
        })),
    }));
}
/** The lines behind all blocks, read again from where they stand. */
async function evidenceLines(blocks, { places }, files) {
    const wanted = new Map();
    for (const { reasons } of blocks) {
        for (const reason of reasons) {
            if (reason.type !== 'alert')
                continue;
            for (const { attemptId } of reason.evidence) {
                const place = places.get(attemptId);
                if (!place)
                    continue;
                const offsets = wanted.get(place.file) ?? new Map();
                wanted.set(place.file, offsets.set(place.offset, attemptId));
            }
        }
    }
    const lines = new Map();
    for (const [file, offsets] of wanted) {
        const found = await files[file].linesAt([...offsets.keys()].sort((a, b) => a - b));
        for (const [offset, attemptId] of offsets)
            lines.set(attemptId, found.get(offset) ?? '');
    }
    return lines;
}
/** The report for a person at a terminal. Everything an attacker wrote is shown escaped. */
export function* humanReport(report, most = 20) {
    const span = report.first ? `${report.first} to ${report.last}` : 'no events';
    yield `${report.lines} lines, ${report.events} events, ${report.failures} failed logons, ${span}`;
    yield '';
    const blocks = [...report.blocks].sort((a, b) => b.prevented - a.prevented || a.at.localeCompare(b.at));
    const targets = new Set(blocks.map(({ target }) => target)).size;
    yield `Would have blocked ${targets} addresses (${blocks.length} times), preventing ${report.prevented} later attempts:`;
    for (const block of blocks.slice(0, most)) {
        const offence = block.offence > 1 ? ` (offence ${block.offence})` : '';
        yield `  ${block.target}  by ${block.rule}${offence}  from ${block.at} to ${block.until}  on ${block.hosts.length} hosts, ${block.prevented} prevented`;
        const [first, last] = [block.evidence[0], block.evidence.at(-1)];
        if (first)
            yield `      first ${printable(first.line)}`;
        if (last && last !== first)
            yield `      last  ${printable(last.line)}`;
    }
    if (blocks.length > most)
        yield `  … and ${blocks.length - most} more (--json shows all)`;
    yield '';
    yield `Alerts: ${report.alerts.length}${countsOf(report.alerts)}; withdrawn: ${report.withdrawn.length}`;
    yield `Forgiven after a success: ${report.forgiven.length} addresses`;
    const notices = report.alerts.filter(({ knownGood }) => knownGood);
    if (notices.length > 0)
        yield `Known users failing again and again (told, not blocked): ${notices.length}`;
    const unread = Object.entries(report.unparsed).sort((a, b) => b[1] - a[1]);
    if (unread.length > 0) {
        const shown = unread.slice(0, 5).map(([kind, count]) => `${printable(kind, 60)} ${count}`);
        yield `Lines without an event: ${shown.join(', ')}${unread.length > 5 ? ' …' : ''}`;
    }
    if (report.late > 0)
        yield `Out of order by more than an hour: ${report.late} lines`;
    yield `${report.cpuSeconds.toFixed(2)} CPU seconds, ${Math.round(report.maxRssBytes / 2 ** 20)} MiB at most`;
}
function countsOf(alerts) {
    const counts = new Map();
    for (const { rule } of alerts)
        counts.set(rule, (counts.get(rule) ?? 0) + 1);
    return counts.size === 0 ? '' : ` (${[...counts].map(([rule, count]) => `${rule} ${count}`).join(', ')})`;
}
function iso(timeMs) {
    return new Date(timeMs).toISOString();
}
/** Whether an address was blocked in a report, as `countedAs` writes it. */
export function isBlockedIn(report, address) {
    const target = countedAs(address);
    return report.blocks.some((block) => block.target === target);
}
