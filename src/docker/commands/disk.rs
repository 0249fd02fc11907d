//! Where the bytes are: `docker system df`, `docker buildx du`, `docker builder prune`.

use super::{Reply, Usage, read};
use crate::docker::flags::{list, switch, text};
use crate::docker::store::Store;
use crate::docker::table::table;
use crate::docker::units::{ago, human_size};

/// A record of the build cache as these commands show it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CacheRecord {
    pub id: String,
    pub size: u64,
    pub description: String,
    /// Seconds since 1970.
    pub last_used: i64,
}

/// `docker system df`
pub fn system_df(words: &[String], store: &Store, cache: &[CacheRecord]) -> Reply {
    let usage = Usage { name: "docker system df", arguments: "[OPTIONS]", count: (0, 0) };
    if let Err(reply) = read(usage, &[text("format", '\0', ""), switch("verbose", 'v', "")], words) {
        return reply;
    }
    let images: u64 = store.images.iter().map(|stored| stored.size()).sum();
    let cached: u64 = cache.iter().map(|record| record.size).sum();
    let row = |kind: &str, total: usize, size: u64, percent: bool| {
        let reclaimable = if percent { format!("{} (100%)", human_size(size)) } else { human_size(size) };
        vec![kind.to_owned(), total.to_string(), "0".into(), human_size(size), reclaimable]
    };
    Reply::ok(table(&[
        ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"].map(str::to_owned).to_vec(),
        row("Images", store.images.len(), images, images > 0),
        row("Containers", 0, 0, false),
        row("Local Volumes", 0, 0, false),
        row("Build Cache", cache.len(), cached, false),
    ]))
}

/// `docker buildx du`
pub fn buildx_du(words: &[String], cache: &[CacheRecord], now: i64) -> Reply {
    let usage = Usage { name: "docker buildx du", arguments: "[OPTIONS]", count: (0, 0) };
    let parsed = match read(usage, &[list("filter", '\0', ""), switch("verbose", '\0', ""), text("builder", '\0', "")], words) {
        Ok(parsed) => parsed,
        Err(reply) => return reply,
    };
    let total: u64 = cache.iter().map(|record| record.size).sum();
    let totals = format!("Reclaimable:\t{}\nTotal:\t\t{}\n", human_size(total), human_size(total));
    if parsed.is("verbose") {
        let record = |record: &CacheRecord| {
            format!(
                "ID:\t\t{}\nMutable:\tfalse\nReclaimable:\ttrue\nShared:\t\tfalse\nSize:\t\t{}\nDescription:\t{}\nLast used:\t{}\nType:\t\tregular\n\n",
                record.id,
                human_size(record.size),
                record.description,
                ago(now - record.last_used)
            )
        };
        return Reply::ok(cache.iter().map(record).collect::<String>() + &totals);
    }
    let mut rows = vec![["ID", "RECLAIMABLE", "SIZE", "LAST ACCESSED"].map(str::to_owned).to_vec()];
    rows.extend(cache.iter().map(|record| vec![record.id.clone(), "true".into(), human_size(record.size), ago(now - record.last_used)]));
    Reply::ok(table(&rows) + &totals)
}

/// `docker builder prune`, `docker buildx prune`: the caller then forgets the cache. As with `--force`: nobody is asked.
pub fn builder_prune(words: &[String], cache: &[CacheRecord]) -> Reply {
    let usage = Usage { name: "docker builder prune", arguments: "", count: (0, 0) };
    let flags = [switch("all", 'a', ""), switch("force", 'f', ""), list("filter", '\0', ""), text("keep-storage", '\0', "")];
    if let Err(reply) = read(usage, &flags, words) {
        return reply;
    }
    let total: u64 = cache.iter().map(|record| record.size).sum();
    if cache.is_empty() {
        return Reply::ok("Total:\t0B\n");
    }
    let mut rows = vec![["ID", "RECLAIMABLE", "SIZE", "LAST ACCESSED"].map(str::to_owned).to_vec()];
    rows.extend(cache.iter().map(|record| vec![record.id.clone(), "true".into(), human_size(record.size), String::new()]));
    Reply::ok(format!("{}Total:\t{}\n", table(&rows), human_size(total)))
}

#[cfg(test)]
mod tests {
    use super::super::samples::store;
    use super::*;

    #[test]
    fn bytes_are_added_up() {
        let cache = [CacheRecord { id: "abc".into(), size: 1_500_000, description: "RUN x".into(), last_used: 10 }];
        let expect = "TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE\n\
            Images          1         0         8.45MB    8.45MB (100%)\n\
            Containers      0         0         0B        0B\n\
            Local Volumes   0         0         0B        0B\n\
            Build Cache     1         0         1.5MB     1.5MB\n";
        assert_eq!(system_df(&[], &store(), &cache).stdout, expect);
        assert_eq!(builder_prune(&["-f".into()], &[]).stdout, "Total:\t0B\n");
        assert!(buildx_du(&[], &cache, 15).stdout.ends_with("Total:\t\t1.5MB\n"));
    }
}
