//! Where the bytes are: `docker system df`, `docker buildx du`, `docker builder prune`.

use super::{Reply, Usage, read};
use crate::base::{go, sort_by_key};
use crate::docker::flags::{Flag, Parsed, list, switch, text};
use crate::docker::store::Store;
use crate::docker::table::table;
use crate::docker::units::{ago, human_size, parse_seconds, ram_size};

pub(super) const SYSTEM_DF: Usage = Usage { name: "docker system df", arguments: "[OPTIONS]", count: (0, 0) };
pub(super) const SYSTEM_DF_FLAGS: &[Flag] =
    &[text("format", '\0', "Format output using a custom template"), switch("verbose", 'v', "Show detailed information on space usage")];
pub(super) const DU: Usage = Usage { name: "docker buildx du", arguments: "[OPTIONS]", count: (0, 0) };
pub(super) const DU_FLAGS: &[Flag] = &[
    text("builder", '\0', "Override the configured builder instance"),
    list("filter", '\0', "Provide filter values"),
    switch("verbose", '\0', "Provide a more verbose output"),
];
pub(super) const PRUNE: Usage = Usage { name: "docker builder prune", arguments: "[OPTIONS]", count: (0, 0) };
pub(super) const PRUNE_FLAGS: &[Flag] = &[
    switch("all", 'a', "Include internal/frontend images"),
    text("builder", '\0', "Override the configured builder instance"),
    list("filter", '\0', "Provide filter values"),
    switch("force", 'f', "Do not prompt for confirmation"),
    text("keep-storage", '\0', ""),
    text("max-used-space", '\0', "Maximum amount of disk space allowed to keep for cache"),
    text("min-free-space", '\0', "Target amount of free disk space after pruning"),
    text("reserved-space", '\0', "Amount of disk space always allowed to keep for cache"),
    switch("verbose", '\0', "Provide a more verbose output"),
];

/// A record of the build cache as these commands show it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CacheRecord {
    pub id: String,
    /// The cache's own name for it.
    pub key: String,
    pub parent: String,
    pub size: u64,
    pub description: String,
    /// `regular`, `exec.cachemount`, `source.local`.
    pub kind: String,
    /// An image of the store has it too.
    pub shared: bool,
    /// Seconds since 1970.
    pub created: i64,
    /// Seconds since 1970.
    pub last_used: i64,
    pub usage_count: u64,
}

fn total(records: &[&CacheRecord]) -> u64 {
    records.iter().map(|record| record.size).sum()
}

/// `docker system df`
pub fn system_df(words: &[String], store: &Store, cache: &[CacheRecord]) -> Reply {
    let parsed = match read(SYSTEM_DF, SYSTEM_DF_FLAGS, words) {
        Ok(parsed) => parsed,
        Err(reply) => return reply,
    };
    let images: u64 = store.images.iter().map(|stored| stored.size()).sum();
    let cached = total(&cache.iter().collect::<Vec<_>>());
    let own = total(&cache.iter().filter(|record| !record.shared).collect::<Vec<_>>());
    let row = |kind: &str, count: usize, size: u64, free: u64, percent: bool| {
        let free = if percent { format!("{} (100%)", human_size(free)) } else { human_size(free) };
        vec![kind.to_owned(), count.to_string(), "0".into(), human_size(size), free]
    };
    if parsed.is("verbose") {
        let mut rows = vec![["CACHE ID", "CACHE TYPE", "SIZE", "CREATED", "LAST USED", "USAGE", "SHARED"].map(str::to_owned).to_vec()];
        rows.extend(cache.iter().map(|record| {
            let short: String = record.id.chars().take(12).collect();
            let (size, count) = (human_size(record.size), record.usage_count.to_string());
            vec![short, record.kind.clone(), size, String::new(), String::new(), count, record.shared.to_string()]
        }));
        return Reply::ok(format!("Build cache usage: {}\n\n{}", human_size(cached), table(&rows)));
    }
    Reply::ok(table(&[
        ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"].map(str::to_owned).to_vec(),
        row("Images", store.images.len(), images, images, images > 0),
        row("Containers", 0, 0, 0, false),
        row("Local Volumes", 0, 0, 0, false),
        row("Build Cache", cache.len(), cached, own, false),
    ]))
}

/// Columns as buildx's tabwriter pads them. What a build here leaves is never in use: all of it is reclaimable.
fn rows(records: &[&CacheRecord], now: i64) -> String {
    let mut out = "ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n".to_owned();
    for record in records {
        let id = [record.id.as_str(), if record.kind == "regular" { "" } else { "*" }].concat();
        let size = human_size(record.size) + if record.shared { "*" } else { "" };
        out.push_str(&format!("{id:40}\ttrue \t\t{size:10}\t{}\n", ago(now - record.last_used)));
    }
    out
}

/// `docker buildx du`
pub fn buildx_du(words: &[String], cache: &[CacheRecord], now: i64) -> Reply {
    let parsed = match read(DU, DU_FLAGS, words) {
        Ok(parsed) => parsed,
        Err(reply) => return reply,
    };
    let cache: Vec<&CacheRecord> = match matching(cache, &parsed, now) {
        Ok(records) => records,
        Err(error) => return Reply::fail(format!("ERROR: {error}\n"), 1),
    };
    // Of a part there are no sums.
    let totals = if parsed.all("filter").is_empty() { totals(&cache) } else { String::new() };
    if parsed.is("verbose") {
        let record = |record: &&CacheRecord| {
            let parent = if record.parent.is_empty() { String::new() } else { format!("Parent:\t\t{}\n", record.parent) };
            format!(
                "ID:\t\t{}\n{parent}Created at:\t{}\nMutable:\t{}\nReclaimable:\t{}\nShared:\t\t{}\nSize:\t\t{}\nDescription:\t{}\nUsage count:\t{}\nLast used:\t{}\nType:\t\t{}\n\n",
                record.id,
                go::rfc3339(record.created).replace('T', " ").replace('Z', " +0000 UTC"),
                record.kind != "regular",
                true,
                record.shared,
                human_size(record.size),
                record.description,
                record.usage_count,
                ago(now - record.last_used),
                record.kind
            )
        };
        return Reply::ok(cache.iter().map(record).collect::<String>() + &totals);
    }
    Reply::ok(rows(&cache, now) + &totals)
}

fn totals(cache: &[&CacheRecord]) -> String {
    let shared = total(&cache.iter().copied().filter(|record| record.shared).collect::<Vec<_>>());
    let all = total(cache);
    let mut totals = String::new();
    if shared > 0 {
        totals = format!("Shared:\t\t{}\nPrivate:\t{}\n", human_size(shared), human_size(all - shared));
    }
    totals.push_str(&format!("Reclaimable:\t{}\nTotal:\t\t{}\n", human_size(all), human_size(all)));
    totals
}

/// `docker builder prune`, `docker buildx prune`: what it prints, and the keys of what goes. As with `--force`: nobody is asked.
pub fn builder_prune(words: &[String], cache: &[CacheRecord], now: i64) -> (Reply, Vec<String>) {
    let chosen = read(PRUNE, PRUNE_FLAGS, words).and_then(|parsed| {
        let kept = kept(&parsed).map_err(|error| Reply::fail(format!("ERROR: {error}\n"), 1))?;
        let records = matching(cache, &parsed, now).map_err(|error| Reply::fail(format!("ERROR: {error}\n"), 1))?;
        Ok((kept, records.into_iter().filter(|record| parsed.is("all") || !record.shared).collect::<Vec<_>>()))
    });
    let (kept, mut records) = match chosen {
        Ok(chosen) => chosen,
        Err(reply) => return (reply, Vec::new()),
    };
    // What was not needed for longest goes first, as long as more is there than is to be kept.
    sort_by_key(&mut records, |record| (record.last_used, record.usage_count, record.id.clone()));
    let mut size = total(&cache.iter().collect::<Vec<_>>());
    records.retain(|record| {
        let goes = kept.is_none_or(|kept| size > kept);
        size -= if goes { record.size } else { 0 };
        goes
    });
    let keys = records.iter().map(|record| record.key.clone()).collect();
    let totals = format!("Total:\t{}\n", human_size(total(&records)));
    (Reply::ok(if records.is_empty() { totals } else { rows(&records, now) + &totals }), keys)
}

/// How many bytes stay.
fn kept(parsed: &Parsed) -> Result<Option<u64>, String> {
    let given = ["keep-storage", "reserved-space", "max-used-space"].iter().find_map(|name| parsed.last(name));
    given.map(|text| ram_size(text).ok_or_else(|| format!("invalid size: '{text}'"))).transpose()
}

/// The records that all filters take: `id=`, `parent=`, `type=`, `description~=`, `until=24h`, `shared`, `private`, `inuse`, `mutable`.
fn matching<'a>(cache: &'a [CacheRecord], parsed: &Parsed, now: i64) -> Result<Vec<&'a CacheRecord>, String> {
    let mut records: Vec<&CacheRecord> = cache.iter().collect();
    for filter in parsed.all("filter") {
        let (field, value) = filter.split_once('=').unwrap_or((filter, ""));
        let (name, not, like) = (field.trim_end_matches(['!', '~']), field.ends_with('!'), field.ends_with('~'));
        let value = value.trim_start_matches('=');
        let takes: Box<dyn Fn(&CacheRecord) -> bool> = match name {
            "until" | "unused-for" => {
                let age = parse_seconds(value).ok_or_else(|| format!("time: invalid duration \"{value}\""))?;
                Box::new(move |record| now - record.last_used >= age)
            }
            "shared" => Box::new(|record| record.shared),
            "private" => Box::new(|record| !record.shared),
            "mutable" => Box::new(|record| record.kind != "regular"),
            "immutable" => Box::new(|record| record.kind == "regular"),
            "inuse" => Box::new(|_| false),
            "id" | "parent" | "parents" | "type" | "description" => Box::new(move |record| {
                let text = match name {
                    "id" => &record.id,
                    "type" => &record.kind,
                    "description" => &record.description,
                    _ => &record.parent,
                };
                if like { text.contains(value) } else { text == value }
            }),
            _ => return Err(format!("unsupported filter {field}")),
        };
        records.retain(|record| takes(record) != not);
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::super::samples::store;
    use super::*;

    fn record(id: &str, size: u64, last_used: i64, shared: bool) -> CacheRecord {
        let kind = if id.starts_with('m') { "exec.cachemount" } else { "regular" };
        CacheRecord { id: id.into(), key: id.into(), size, last_used, shared, kind: kind.into(), ..CacheRecord::default() }
    }

    #[test]
    fn bytes_are_added_up() {
        let cache = [record("abc", 1_500_000, 10, false)];
        let expect = "TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE\n\
            Images          1         0         8.45MB    8.45MB (100%)\n\
            Containers      0         0         0B        0B\n\
            Local Volumes   0         0         0B        0B\n\
            Build Cache     1         0         1.5MB     1.5MB\n";
        assert_eq!(system_df(&[], &store(), &cache).stdout, expect);
        let (id, size) = (format!("{:40}", "abc"), "1.5MB     ");
        let head = "ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED\n";
        let sums = "Reclaimable:\t1.5MB\nTotal:\t\t1.5MB\n";
        assert_eq!(buildx_du(&[], &cache, 15).stdout, format!("{head}{id}\ttrue \t\t{size}\t5 seconds ago\n{sums}"));
        assert!(!buildx_du(&["--filter=id=abc".to_owned()], &cache, 15).stdout.contains("Total"));
    }

    /// What goes, in the order in which it goes.
    fn check(words: &str, expect: Result<&str, &str>) {
        let cache = [record("a", 100, 900, false), record("b", 200, 500, false), record("c", 300, 100, true), record("m", 400, 950, false)];
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        let (reply, keys) = builder_prune(&words, &cache, 1000);
        match expect {
            Ok(expect) => assert_eq!((keys.join(" ").as_str(), reply.exit_code), (expect, 0), "{words:?}"),
            Err(error) => assert_eq!(reply.stderr.trim_end(), error, "{words:?}"),
        }
    }

    #[test]
    fn what_is_pruned() {
        check("-f", Ok("b a m"));
        check("-a", Ok("c b a m"));
        check("--filter until=5m", Ok("b"));
        check("--filter type=exec.cachemount", Ok("m"));
        check("--filter type!=exec.cachemount", Ok("b a"));
        check("--filter id=a --filter private", Ok("a"));
        check("--keep-storage 750", Ok("b a"));
        check("--keep-storage 2kb", Ok(""));
        check("--filter nope=1", Err("ERROR: unsupported filter nope"));
        check("--keep-storage x", Err("ERROR: invalid size: 'x'"));
    }
}
